// Loaded by run.mjs into the programs it runs: when run.mjs is gone, however it ended, they stop cleanly by themselves.
import { Socket } from 'node:net'

const fd = process.env.NUMLET_GUARD_FD

if (fd !== undefined) {
  // Meant for this process alone: what it starts has something else under that descriptor.
  delete process.env.NUMLET_GUARD_FD
  const pipe = new Socket({ fd: Number(fd), readable: true, writable: false })
  pipe.on('error', () => {})
  pipe.on('close', stop)
  pipe.resume()
  pipe.unref()
}

/** For what does not end by an interrupt, as tools may do. */
const patienceMs = 5_000

function stop() {
  // Whoever read our output may be gone as well; the last lines must not end us half-way.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  // An interrupt: nobody is left whom a drain would serve, and the next start waits for us.
  process.kill(process.pid, 'SIGINT')
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), patienceMs).unref()
}
