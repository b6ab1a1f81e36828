// A program for a test: it sends the mails that are due, and may be killed meanwhile.
import { buildApp } from '../../src/app.ts'
import { toConfig } from '../../src/config.ts'
import { openLog } from '../../src/log.ts'

const config = toConfig({ NUMLET_MAIL_URL: process.env.MAIL_URL, NUMLET_LOG: 'debug' })
const app = await buildApp(config, process.env.DATABASE as string, openLog(config.logLevel))
while ((await app.mailer.send(new Date(process.env.NOW as string), 'Numlet')) > 0);
await app.close()
