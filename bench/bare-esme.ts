// The yardstick of `smpp`: binds with the same codec, and acknowledges every message without keeping it.
import { bindTo } from '../src/supply/smpp/bind.ts'
import { smppOptions } from '../src/supply/smpp/options.ts'

const [url = ''] = process.argv.slice(2)
const connection = await bindTo(
  smppOptions({ url, system_id: 'bench', password: 'bench' }),
  {
    request({ command, sequence }) {
      if (command === 'deliver_sm') connection.respond({ command: 'deliver_sm_resp', sequence })
    },
    unreadable() {},
  },
  new AbortController().signal,
)
connection.resume()
process.on('SIGTERM', () => process.exit(0))
