// Where somebody lands who has just signed in, and the token of a link, which only this page sees.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { type Session, takeSession } from './session.ts'

/** Takes a session and goes where the person wanted to: only to a page of our own. */
export function useLanding(): (session: Session) => void {
  const navigate = useNavigate()
  const { next } = useSearch({ strict: false }) as { next?: string }
  return (session) => {
    takeSession(session)
    if (session.second_factor.needed) return void navigate({ to: '/sign-in', search: { next } })
    const [path = '/', query = ''] = (next ?? '/').split('?', 2)
    void navigate({ to: path, search: Object.fromEntries(new URLSearchParams(query)) } as never)
  }
}

/** The token after the #, read once and taken out of the address, so that no history keeps it. */
export function useLinkToken(): string | null {
  const [token] = useState(() => {
    const found = new URLSearchParams(location.hash.slice(1)).get('token')
    if (found !== null) history.replaceState(history.state, '', location.pathname + location.search)
    return found
  })
  return token
}
