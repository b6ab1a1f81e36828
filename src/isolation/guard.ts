// A thread of a child process that ends it when its parent has ended, however busy the main thread is.
import { Socket } from 'node:net'

/** The parent holds the other end of this pipe and never writes to it. It closes when the parent ends. */
const guardFd = 3

const pipe = new Socket({ fd: guardFd, readable: true, writable: false })
pipe.on('error', () => {})
pipe.on('close', () => process.kill(process.pid, 'SIGKILL'))
pipe.resume()
