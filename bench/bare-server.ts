// The yardstick of the HTTP benchmarks: Fastify with one route that answers like WhichOtp's poll.
import Fastify from 'fastify'

const server = Fastify({ logger: false })
server.get('/whichotp/api/v1/orders/:id', async (request) => ({
  id: (request.params as { id: string }).id,
  phoneNumber: '+999000000001',
  status: 'waiting',
  smsCode: null,
  cost: 0.4,
}))
const address = await server.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`ready on ${address}\n`)
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)))
