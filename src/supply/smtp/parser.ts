// Has mails taken apart in a thread of its own, with a limit of time and memory for each.
import { Worker } from 'node:worker_threads'
import { BadMail, type ParsedMail } from './parse.ts'

export type ParseRequest = { readonly id: number; readonly raw: Uint8Array }
export type ParseAnswer =
  | { readonly id: number; readonly mail: ParsedMail }
  | { readonly id: number; readonly isBad: boolean; readonly reason: string }

/** That it is ready is said once, before any answer. */
export type FromWorker = ParseAnswer | 'ready'

const defaultTimeLimitMs = 5_000
const memoryLimitMb = 256
/** Mails handed over together: the thread need not wait for us between them. */
const mailsAtOnce = 16

type Job = {
  readonly raw: Uint8Array
  readonly resolve: (mail: ParsedMail) => void
  readonly reject: (error: Error) => void
}

/** A thread that takes mails apart. One that ends, for whatever reason, is begun again when it is needed. */
export class MailParser {
  #waiting: Job[] = []
  #handed = new Map<number, Job>()
  #worker: Worker | null
  #isReady = false
  #timer: NodeJS.Timeout | undefined
  #lastId = 0
  readonly #timeLimitMs: number

  constructor({ timeLimitMs = defaultTimeLimitMs } = {}) {
    this.#timeLimitMs = timeLimitMs
    this.#worker = this.#begin()
  }

  /** @throws BadMail */
  parse(raw: Uint8Array): Promise<ParsedMail> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ raw, resolve, reject })
      this.#handOver()
    })
  }

  async stop(): Promise<void> {
    const last = this.#worker
    this.#giveUp(new Error('the server stops'))
    await last?.terminate()
  }

  #handOver() {
    if (this.#handed.size > 0 || this.#waiting.length === 0) return
    this.#worker ??= this.#begin()
    const jobs = this.#waiting.slice(0, mailsAtOnce)
    this.#waiting = this.#waiting.slice(mailsAtOnce)
    const requests = jobs.map((job): ParseRequest => {
      const id = ++this.#lastId
      this.#handed.set(id, job)
      return { id, raw: job.raw }
    })
    this.#worker.postMessage(requests)
    this.#watch()
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb },
    })
    this.#isReady = false
    worker.unref()
    worker.on('message', (message: FromWorker) => {
      if (worker !== this.#worker) return
      if (message !== 'ready') return this.#take(message)
      this.#isReady = true
      this.#watch()
    })
    const ended = (reason: string) => {
      if (worker !== this.#worker) return
      if (this.#isReady) this.#lose(reason)
      else this.#giveUp(new Error('the reader of mails does not start'))
    }
    // A mail that takes all memory ends the thread with an error.
    worker.on('error', () => ended('it takes too much memory'))
    worker.on('exit', () => ended('it ended its reader'))
    return worker
  }

  #take(answer: ParseAnswer) {
    const job = this.#handed.get(answer.id)
    this.#handed.delete(answer.id)
    this.#watch()
    if ('mail' in answer) job?.resolve(answer.mail)
    else job?.reject(answer.isBad ? new BadMail(answer.reason) : new Error(answer.reason))
    this.#handOver()
  }

  /** Times the first of the mails handed over; how long the thread takes to begin is not the mail's fault. */
  #watch() {
    clearTimeout(this.#timer)
    if (this.#isReady && this.#handed.size > 0)
      this.#timer = setTimeout(() => this.#lose('it takes too long'), this.#timeLimitMs)
  }

  /** Gives up the thread. The first mail without an answer is to blame; the others are tried again. */
  #lose(reason: string) {
    clearTimeout(this.#timer)
    const lost = this.#worker
    const [culprit, ...others] = this.#handed.values()
    this.#worker = null
    this.#handed = new Map()
    this.#waiting = [...others, ...this.#waiting]
    culprit?.reject(new BadMail(reason))
    void lost?.terminate()
    this.#handOver()
  }

  /** No mail is to blame: all of them may come again. */
  #giveUp(error: Error) {
    clearTimeout(this.#timer)
    const jobs = [...this.#handed.values(), ...this.#waiting]
    this.#worker = null
    this.#handed = new Map()
    this.#waiting = []
    for (const job of jobs) job.reject(error)
  }
}
