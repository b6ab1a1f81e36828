// Loaded by run.mjs into the programs it runs: when run.mjs is gone, however it ended, they stop cleanly by themselves.
import { Socket } from 'node:net'

const fd = process.env.NUMLET_GUARD_FD

if (fd !== undefined) {
  // For this process only: its children use that descriptor for something else.
  delete process.env.NUMLET_GUARD_FD
  const pipe = new Socket({ fd: Number(fd), readable: true, writable: false })
  pipe.on('error', () => {})
  pipe.on('close', stop)
  pipe.resume()
  pipe.unref()
}

/** For programs that do not end on an interrupt, such as some tools. */
const patienceMs = 5_000

function stop() {
  // The reader of our output may be gone as well. The last lines must not end the process halfway.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  // An interrupt: nobody is left who would profit from a drain, and the next start waits for this process.
  process.kill(process.pid, 'SIGINT')
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), patienceMs).unref()
}
