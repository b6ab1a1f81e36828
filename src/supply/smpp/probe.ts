// Tries the settings of an SMPP supplier: binds once, and unbinds.
import type { Probe, Settings } from '../supplier.ts'
import { BindRefused, bindTo } from './bind.ts'
import { statusCode } from './codec/statuses.ts'
import { smppOptions } from './options.ts'

const unbindMs = 2_000

/** Binds once. What is delivered meanwhile is not acknowledged, and stays with the SMSC. Never fails. */
export async function trySmpp(settings: Settings): Promise<Probe> {
  const options = smppOptions(settings)
  const ignore = { request: () => {}, unreadable: () => {} }
  const where = `${options.host}:${options.port}`
  try {
    const connection = await bindTo(options, ignore, new AbortController().signal)
    connection.resume()
    await connection.request({ command: 'unbind' }, unbindMs).catch(() => null)
    connection.finish('the trial is over')
    await connection.ended
    return { ok: true, detail: `${where} accepted bind_${options.bind}${privacyOf(options)}` }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const hint =
      error instanceof BindRefused && error.status === statusCode('ESME_RALYBND')
        ? '. A server of Numlet that is running holds the bind: then all is well'
        : ''
    return { ok: false, detail: `${where}: ${reason}${hint}` }
  }
}

const privacyOf = ({ isTls }: { readonly isTls: boolean }) => (isTls ? ', with TLS' : '')
