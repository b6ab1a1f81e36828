// Admits connections: a limited number per address and per network, and none for long without sending mail.
// If all places are taken, the network with the most connections loses one.
import { networkOf } from './network.ts'

export type GateLimits = {
  readonly connections: number
  readonly ofOneNetwork: number
  readonly ofOneAddress: number
  /** From the connection to the sender's greeting. */
  readonly greetingMs: number
  /** From one step to the next: MAIL, RCPT, DATA, the next MAIL. Other commands are not steps. */
  readonly stepMs: number
}

export const gateLimits: GateLimits = {
  connections: 400,
  ofOneNetwork: 100,
  ofOneAddress: 50,
  greetingMs: 10_000,
  stepMs: 30_000,
}

/** A connection as the gate sees it. */
export type Guest = {
  readonly id: string
  readonly address: string
  /** Whether the sender has greeted. */
  readonly hasGreeted: () => boolean
  /** Ends the connection with a reply that says why. */
  readonly end: (why: string) => void
}

type Place = {
  readonly guest: Guest
  readonly network: string
  timer: NodeJS.Timeout | null
  /** While an email is read or stored, its connection is not evicted. */
  isBusy: boolean
}

/** Counts connections, ends idle ones, and makes room. */
export class Gate {
  readonly #places = new Map<string, Place>()
  /** The number of places of each address and of each network. */
  readonly #ofAddress = new Counts()
  readonly #ofNetwork = new Counts()
  readonly #limits: GateLimits

  constructor(limits: GateLimits) {
    this.#limits = limits
  }

  /** @returns why the connection is refused, or null if it has a place */
  admit(guest: Guest): string | null {
    const network = networkOf(guest.address)
    if (this.#ofAddress.of(guest.address) >= this.#limits.ofOneAddress)
      return 'Too many connections from this address'
    if (this.#ofNetwork.of(network) >= this.#limits.ofOneNetwork)
      return 'Too many connections from this network'
    if (this.#places.size >= this.#limits.connections && !this.#makeRoom())
      return 'Too many connections; try again later'
    const place: Place = { guest, network, timer: null, isBusy: false }
    this.#places.set(guest.id, place)
    this.#ofAddress.add(guest.address, 1)
    this.#ofNetwork.add(network, 1)
    this.#wait(place, this.#limits.greetingMs, () => {
      if (!guest.hasGreeted()) return this.#end(place, 'Timeout - no greeting')
      this.#wait(place, this.#limits.stepMs, () => this.#end(place, 'Timeout - no mail'))
    })
    return null
  }

  /** The connection has completed a step. */
  step(id: string): void {
    const place = this.#places.get(id)
    if (!place) return
    place.isBusy = false
    this.#wait(place, this.#limits.stepMs, () => this.#end(place, 'Timeout - closing connection'))
  }

  /** An email is being read: its reader enforces the time limit. */
  busy(id: string): void {
    const place = this.#places.get(id)
    if (!place) return
    place.isBusy = true
    if (place.timer) clearTimeout(place.timer)
  }

  leave(id: string): void {
    const place = this.#places.get(id)
    if (!place) return
    if (place.timer) clearTimeout(place.timer)
    this.#places.delete(id)
    this.#ofAddress.add(place.guest.address, -1)
    this.#ofNetwork.add(place.network, -1)
  }

  #wait(place: Place, ms: number, over: () => void) {
    if (place.timer) clearTimeout(place.timer)
    place.timer = setTimeout(over, ms).unref()
  }

  #end(place: Place, why: string) {
    this.leave(place.guest.id)
    place.guest.end(why)
  }

  /** Ends the oldest idle connection of the network that has the most. */
  #makeRoom(): boolean {
    let last: Place | null = null
    for (const place of this.#places.values())
      if (
        !place.isBusy &&
        this.#ofNetwork.of(place.network) > (last ? this.#ofNetwork.of(last.network) : 0)
      )
        last = place
    if (last) this.#end(last, 'Too many connections; try again later')
    return last !== null
  }
}

/** Counts by name. */
class Counts {
  readonly #counts = new Map<string, number>()

  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  add(name: string, change: 1 | -1): void {
    const count = this.of(name) + change
    if (count === 0) this.#counts.delete(name)
    else this.#counts.set(name, count)
  }
}
