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

function stop() {
  // Whoever read our output may be gone as well; the last lines must not end us half-way.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.kill(process.pid, 'SIGTERM')
}
