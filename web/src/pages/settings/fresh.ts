// After a change of the person or of their rights, the session says what is so now.
import { useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { type Session, sessionQuery, takeSession } from '../../session/session.ts'

/** Reads the session again and has every page follow it. */
export async function readSession(): Promise<Session> {
  const session = await call<Session>('GET', '/v1/session')
  takeSession(session)
  return session
}

/** The session of the person who looks at the page; there is one inside. */
export function useSession(): Session {
  const { data: session } = useQuery(sessionQuery)
  if (!session) throw new Error('nobody is signed in')
  return session
}
