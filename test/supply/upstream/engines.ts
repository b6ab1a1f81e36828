// The engine of a server, with the work at other platforms alone. It works only when it is told to.
import type { App } from '../../../src/app.ts'
import { openEngine } from '../../../src/engine/engine.ts'
import { askingWork, streamWork } from '../../../src/supply/asking/work.ts'
import type { SupplierKind } from '../../../src/supply/supplier.ts'

/** @param kindNamed the kinds of suppliers that it deals with */
export function supplyEngine(app: App, kindNamed: (name: string) => SupplierKind | undefined) {
  const asking = openEngine(app, [askingWork(app, kindNamed)])
  const streams = openEngine(app, [streamWork(app, kindNamed)])
  return {
    turn: asking.turn,
    idle: asking.idle,
    /** Follows the streams that nobody follows, until they end. */
    follow: streams.turn,
    start() {
      streams.start()
      asking.start()
    },
    stop: async () => void (await Promise.all([asking.stop(), streams.stop()])),
  }
}
