// The yardstick of `mail`: smtp-server alone, which accepts every mail and discards it.
import { SMTPServer } from 'smtp-server'

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  onData(stream, _session, answer) {
    stream.resume()
    stream.on('end', () => answer(null, 'Stored'))
  },
})
server.listen(0, '127.0.0.1', () => {
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  process.stdout.write(`ready on http://127.0.0.1:${port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
