// Whether the Numlet in this container is ready: exits with 0, or with 1 and the reason.
const patienceMs = 4_000
const { NUMLET_METRICS_PORT, PORT = '8080' } = process.env
// A worker answers on NUMLET_METRICS_PORT only.
const url = `http://127.0.0.1:${NUMLET_METRICS_PORT || PORT}/health/ready`

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) })
  const text = await response.text()
  process.stdout.write(`${response.status} ${text}\n`)
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  process.stdout.write(`${url} does not respond: ${error.cause?.message ?? error.message}\n`)
  process.exitCode = 1
}
