// Says things to screen readers: one polite region for the whole application.
import { useEffect, useState } from 'react'

let say: (text: string) => void = () => {}

/** Announces a text once; the same text again is announced again. */
export function announce(text: string) {
  say(text)
}

export function Announcer() {
  const [text, setText] = useState('')
  useEffect(() => {
    let isOdd = false
    say = (next) => {
      isOdd = !isOdd
      setText(isOdd ? next : `${next}\u00a0`)
    }
    return () => {
      say = () => {}
    }
  }, [])
  return (
    <div className="hidden" role="status" aria-live="polite" data-testid="announcer">
      {text}
    </div>
  )
}
