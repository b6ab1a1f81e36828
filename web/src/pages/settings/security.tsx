// Security: the password, passkeys, the second factor, and where one is signed in.
import { Authenticator } from './authenticator.tsx'
import { useSession } from './fresh.ts'
import { Passkeys } from './passkeys.tsx'
import { Password } from './password.tsx'
import { Sessions } from './sessions.tsx'

export function Security() {
  const { user } = useSession()
  return (
    <div className="stack">
      <Password user={user} />
      <Passkeys user={user} />
      <Authenticator user={user} />
      <Sessions />
    </div>
  )
}
