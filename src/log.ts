// The log: JSON lines on stderr. Never a key, a code, a message's text, a whole phone number or a query.
import { pino } from 'pino'

export type Logger = ReturnType<typeof openLog>

export function openLog(level: string) {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // @NOTE errors of the driver contain the statement's values (`detail`), which may be anything
      serializers: { err: describeError },
      redact: ['authorization', 'key', 'secret', 'code', 'text', 'phone'],
    },
    pino.destination({ fd: 2, sync: false }),
  )
}

function describeError(error: Error & { code?: string; constraint?: string; table?: string }) {
  return {
    type: error.name,
    message: error.message,
    sqlstate: error.code,
    constraint: error.constraint,
    table: error.table,
    stack: error.stack,
  }
}
