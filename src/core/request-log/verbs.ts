// The request log as one object, with the database inside.
import type { Database } from '../../db/database.ts'
import { listRequests, type RequestFilter, type RequestPage } from './list.ts'
import { type RequestLogWriter, requestLogWriter } from './writer.ts'

export type RequestLog = RequestLogWriter & {
  /** The requests of an account, newest first. */
  list(filter: RequestFilter): Promise<RequestPage>
}

/** @param isOn whether anything is to be kept */
export const requestLogVerbs = (db: Database, isOn: () => boolean): RequestLog => ({
  ...requestLogWriter(db, isOn),
  list: (filter) => listRequests(db, filter),
})
