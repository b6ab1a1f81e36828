// The engine of a server, with the work at payment gateways alone. It works only when it is told to.
import type { App } from '../../src/app.ts'
import type { GatewayTask } from '../../src/core/deposits/due.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { gatewayWork } from '../../src/payments/work.ts'

/** Does what is due of one task, once, and waits for its end. @returns how much it was */
export function gatewayAsker(app: App) {
  const work = gatewayWork(app)
  const engineOf = (task: GatewayTask) =>
    openEngine(app, [
      {
        ...work,
        lanes: async (now) => (await work.lanes(now)).filter((lane) => lane.task === task),
      },
    ])
  const engines = { check: engineOf('check'), refund: engineOf('refund') }
  return async (task: GatewayTask): Promise<number> => {
    const count = await engines[task].turn()
    await engines[task].idle()
    return count
  }
}
