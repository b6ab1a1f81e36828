// Keeps one server running while this process owns it: starts or joins it, watches it, restarts it, stops it.
import { rm, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import type { Binaries } from './binaries.ts'
import { currentSettings, databaseUser, writeSettings } from './cluster.ts'
import { type Address, claim, databaseName, type Facts, readFacts } from './connection.ts'
import { fullDiskIn, type Home, writeWhole } from './home.ts'
import {
  endLeftovers,
  findPostmaster,
  type Launch,
  launchPostmaster,
  type Postmaster,
  stopPostmaster,
  wake,
} from './postmaster.ts'
import { identityOf } from './processes.ts'
import { dropAddress, newAddress, refreshAddress } from './sockets.ts'
import type { RunAs } from './unprivileged.ts'

export type StartTerms = {
  readonly home: Home
  readonly binaries: Binaries
  readonly runAs: RunAs
  readonly password: string
  readonly progress: (line: string) => void
  /** Aborted to cancel the start; it has no effect afterwards. */
  readonly signal: AbortSignal
}

/** The owned server, and the connection that holds the lock. */
type Hold = {
  readonly postmaster: Postmaster
  readonly client: pg.Client
  /** Settles when the connection is lost, and with it the lock. */
  readonly lost: Promise<void>
  readonly adopted: boolean
}

/** How long each obstacle has blocked an attempt; empty at its beginning. */
type Obstacles = { held?: number; unreachable?: number; refused?: number; starting?: number }

/** A running Numlet owns the data directory. */
export class DataDirectoryBusy extends Error {
  override readonly name = 'DataDirectoryBusy'

  constructor(dataDir: string, pid: number | null) {
    const who = pid === null ? 'another Numlet' : `another Numlet (process ${pid})`
    super(
      `The data directory ${dataDir} is in use by ${who}. Stop that one, ` +
        'or set NUMLET_DATA to another directory (and PORT to another port).',
    )
  }
}

const readyPollMs = 25
/** Poll less and less often during a long recovery: each attempt leaves a line in the log. */
const slowestPollMs = 500
const retryMs = 100
/** Long enough for a server that is stopping; then refuse. */
const heldTimeoutMs = 3_000
/** An owner that has announced its stop has requests to finish and PostgreSQL to stop. */
const stoppingTimeoutMs = 5 * 60_000
const unreachableTimeoutMs = 5_000
/** How long a new server may take until it listens or reports an error. */
const deafTimeoutMs = 60_000
const oddTimeoutMs = 10_000
const leftoversTimeoutMs = 1_000
const deadLeftoversTimeoutMs = 3_000
const refusedTimeoutMs = 30_000
const recovering = 'PostgreSQL is still starting: it is recovering from its log ...'
const slowStartMs = 5_000
const maxBackoffMs = 5_000

/** The owner of one data directory's server. */
export class Keeper {
  readonly #ground: StartTerms
  readonly #stopping = new AbortController()
  #hold: Hold | null = null
  #recovery: Promise<void> = Promise.resolve()
  #farewell: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(ground: StartTerms) {
    this.#ground = ground
  }

  /** Starts the server, or joins the one that a crashed Numlet left, and takes ownership. */
  async start(): Promise<{ address: Address; adopted: boolean }> {
    const giveUp = () => this.#stopping.abort(this.#ground.signal.reason)
    this.#ground.signal.throwIfAborted()
    this.#ground.signal.addEventListener('abort', giveUp, { once: true })
    const hold = await this.#acquire().finally(() =>
      this.#ground.signal.removeEventListener('abort', giveUp),
    )
    const { address } = hold.postmaster
    this.#keep(hold)
    try {
      // It may have been cancelled at the very moment when it succeeded.
      this.#ground.signal.throwIfAborted()
      await this.#recordFacts(address)
    } catch (error) {
      await this.stop()
      throw error
    }
    return { address, adopted: hold.adopted }
  }

  /** Tells the next process that wants to own the server that it will soon be free. */
  leaving(): Promise<void> {
    const address = this.#hold?.postmaster.address
    if (address && !this.#isStopped)
      // Only the waiting time of the next start depends on it.
      this.#farewell = this.#recordFacts(address, { stopping: true }).catch(() => {})
    return this.#farewell
  }

  /** Stops the server cleanly and releases ownership. */
  async stop(): Promise<void> {
    const hold = this.#hold
    if (!hold || this.#isStopped) return
    this.#isStopped = true
    this.#stopping.abort()
    await Promise.all([this.#recovery, this.#farewell])
    const { home } = this.#ground
    const { address } = hold.postmaster
    // The lock is held until the server has ended: nobody takes over a server that is stopping.
    await stopPostmaster((this.#hold ?? hold).postmaster)
    const running = await findPostmaster(home)
    if (running?.address.host === address.host) await stopPostmaster(running)
    await this.#hold?.client.end().catch(() => {})
    await dropAddress(address)
    await rm(home.facts, { force: true })
  }

  async #acquire(): Promise<Hold> {
    const obstacles: Obstacles = {}
    for (;;) {
      this.#stopping.signal.throwIfAborted()
      const hold = await this.#attempt(obstacles)
      if (hold) return hold
      await pause(retryMs, undefined, { signal: this.#stopping.signal })
    }
  }

  /** One attempt; null if another one may succeed. */
  async #attempt(obstacles: Obstacles): Promise<Hold | null> {
    const { home } = this.#ground
    const owner = this.#hold ? null : await liveOwner(home)
    if (owner !== null) return this.#wait(obstacles, owner.pid)
    const running = await findPostmaster(home)
    return running ? this.#join(running, obstacles) : this.#launch(obstacles)
  }

  #wait(obstacles: Obstacles, owner: number | null): null {
    const { home, progress } = this.#ground
    if (!obstacles.held) progress(`${home.dataDir} is in use; waiting for its owner to stop ...`)
    if (lasts(obstacles, 'held', heldTimeoutMs)) throw new DataDirectoryBusy(home.dataDir, owner)
    return null
  }

  async #join(running: Postmaster, obstacles: Obstacles): Promise<Hold | null> {
    const { home, binaries, password, progress } = this.#ground
    const answer = await claim(running.address, password)
    if (answer.state === 'starting') return this.#waitForRecovery(obstacles)
    if (answer.state === 'held') return this.#wait(obstacles, answer.pid)
    if (answer.state === 'unreachable') {
      if (await wake(home, running)) progress('Resumed a PostgreSQL that was suspended.')
      if (!lasts(obstacles, 'unreachable', unreachableTimeoutMs)) return null
      progress(`Stopping an unusable PostgreSQL: ${answer.cause} ...`)
      await stopPostmaster(running, true)
      delete obstacles.unreachable
      return null
    }
    const isAsWanted = this.#hold
      ? running.address.host === this.#hold.postmaster.address.host
      : answer.settings === (await currentSettings(home, binaries))
    if (isAsWanted) return { postmaster: running, ...answer, adopted: true }
    progress('Restarting PostgreSQL with new settings ...')
    await stopPostmaster(running)
    return null
  }

  /** A recovery can be long; it ends when PostgreSQL reports it, or this process is stopped. */
  #waitForRecovery(obstacles: Obstacles): null {
    if (lasts(obstacles, 'starting', slowStartMs)) {
      this.#ground.progress(recovering)
      delete obstacles.starting
    }
    return null
  }

  async #launch(obstacles: Obstacles): Promise<Hold | null> {
    const { home, binaries, runAs } = this.#ground
    const address = this.#hold?.postmaster.address ?? (await newAddress(runAs))
    await refreshAddress(address, runAs)
    await writeSettings(home, binaries, runAs)
    const launch = await launchPostmaster(home, binaries, runAs, address)
    const outcome = await this.#untilReady(launch)
    if (typeof outcome !== 'string') return outcome
    if (!this.#hold) await dropAddress(address)
    const full = fullDiskIn(outcome, home)
    if (full) throw full
    // Another start was faster, or processes of a killed server still hold its shared memory.
    if (!/lock file|shared memory/.test(outcome) || lasts(obstacles, 'refused', refusedTimeoutMs))
      throw new Error(`PostgreSQL does not start. The end of ${home.log}:\n${outcome}`)
    if (lasts(obstacles, 'refused', leftoversTimeoutMs)) {
      const isDeaf = lasts(obstacles, 'refused', deadLeftoversTimeoutMs)
      await endLeftovers(home, isDeaf ? 'SIGKILL' : 'SIGQUIT')
    }
    return null
  }

  /** Owned once it serves; null if another process took it first; its last output if it ended. */
  async #untilReady(launch: Launch): Promise<Hold | null | string> {
    const { password } = this.#ground
    const { signal } = this.#stopping
    const obstacles: Obstacles = {}
    try {
      for (let delayMs = readyPollMs; ; delayMs = Math.min(delayMs * 1.2, slowestPollMs)) {
        const lastWords = await launch.lastWords()
        if (lastWords !== null) return lastWords
        const answer = await claim(launch.postmaster.address, password)
        if (answer.state === 'owned')
          return { postmaster: launch.postmaster, ...answer, adopted: false }
        if (answer.state === 'held') return null
        if (answer.state === 'starting') this.#waitForRecovery(obstacles)
        else if (lasts(obstacles, 'unreachable', answer.isListening ? oddTimeoutMs : deafTimeoutMs))
          throw new Error(
            `PostgreSQL was started but cannot be used: ${answer.cause}. ` +
              `Its log is ${this.#ground.home.log}.`,
          )
        await pause(delayMs, undefined, { signal })
      }
    } catch (error) {
      await stopPostmaster(launch.postmaster)
      throw error
    }
  }

  /** Written only by the owner. Removes what the last owner left if it crashed. */
  async #recordFacts(address: Address, state: { stopping?: true } = {}): Promise<void> {
    const { home, password, runAs } = this.#ground
    const last = await readFacts(home).catch(() => null)
    if (last && last.host !== address.host) await dropAddress(last)
    const owner = { pid: process.pid, identity: identityOf(process.pid) }
    const facts: Facts = {
      ...address,
      user: databaseUser,
      database: databaseName,
      password,
      owner,
      ...state,
    }
    const keeper = runAs ? await stat(home.dataDir) : null
    await writeWhole(home.facts, `${JSON.stringify(facts, null, 2)}\n`, keeper)
  }

  #keep(hold: Hold): void {
    this.#hold = hold
    hold.lost.then(() => {
      if (!this.#stopping.signal.aborted) this.#recovery = this.#recover()
    })
  }

  /** Tries until it succeeds or is stopped: the cause, such as a full disk, may be fixed meanwhile. */
  async #recover(): Promise<void> {
    const { progress } = this.#ground
    const { signal } = this.#stopping
    progress('PostgreSQL has stopped; restarting it ...')
    for (let backoffMs = retryMs; !signal.aborted; backoffMs *= 2) {
      try {
        this.#keep(await this.#acquire())
        progress('PostgreSQL is running again')
        return
      } catch (error) {
        if (signal.aborted) return
        progress(`PostgreSQL cannot be restarted yet: ${(error as Error).message}`)
        const delayMs = Math.min(backoffMs, maxBackoffMs)
        await pause(delayMs, undefined, { signal }).catch(() => {})
      }
    }
  }
}

type LiveOwner = { readonly pid: number; readonly isStopping: boolean }

/** The live process that postgres.json names as the owner; its server may be down for a moment. */
async function liveOwner(home: Home): Promise<LiveOwner | null> {
  const facts = await readFacts(home)
  const owner = facts?.owner
  if (!owner?.identity || identityOf(owner.pid) !== owner.identity) return null
  return { pid: owner.pid, isStopping: facts?.stopping === true }
}

/** Waits until no running Numlet owns a data directory; changes nothing in it.
 * @throws DataDirectoryBusy if its owner does not stop */
export async function awaitOwnersEnd(
  home: Home,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const obstacles: Obstacles = {}
  for (let hasSaid = false; ; hasSaid = true) {
    const owner = await liveOwner(home)
    if (owner === null || owner.pid === process.pid) return
    if (!hasSaid) progress(`${home.dataDir} is in use; waiting for its owner to stop ...`)
    const timeoutMs = owner.isStopping ? stoppingTimeoutMs : heldTimeoutMs
    if (lasts(obstacles, 'held', timeoutMs)) throw new DataDirectoryBusy(home.dataDir, owner.pid)
    await pause(retryMs, undefined, { signal })
  }
}

function lasts(obstacles: Obstacles, name: keyof Obstacles, timeoutMs: number): boolean {
  const since = obstacles[name] ?? Date.now()
  obstacles[name] = since
  return Date.now() - since >= timeoutMs
}
