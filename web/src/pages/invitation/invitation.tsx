// The link of an invitation: joining as who one is, as somebody new, or after signing in.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useReducer, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { areShownBeside, faultOf, isFailure } from '../../api/failure.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { SecondFactorForm, SignInForm } from '../../session/forms.tsx'
import { useLanding, useLinkToken } from '../../session/landing.ts'
import { type Session, sessionQuery, signOut, takeSession } from '../../session/session.ts'
import { Outside } from '../sign-in/outside.tsx'

export function Invitation() {
  const { t } = useLingui()
  const token = useLinkToken()
  const { data: session } = useQuery(sessionQuery)
  const [isKnown, setKnown] = useState(false)
  // Signing out forgets every query: this page has to ask again.
  const [, lookAgain] = useReducer((count: number) => count + 1, 0)
  if (token === null) return <DeadLink lead={t`It is not whole. Open it from the mail again.`} />
  if (session?.second_factor.needed)
    return (
      <Outside title={t`One more step`}>
        <SecondFactorForm onSession={takeSession} />
      </Outside>
    )
  if (session)
    return (
      <JoinAsMyself
        token={token}
        session={session}
        onLeft={(hasUser) => {
          setKnown(hasUser)
          lookAgain()
        }}
      />
    )
  if (isKnown)
    return (
      <Outside
        title={t`Sign in to join`}
        lead={t`Use the address that was invited. The invitation stays valid meanwhile.`}
        foot={
          <Button variant="subtle" onClick={() => setKnown(false)}>
            <Trans>I am new here</Trans>
          </Button>
        }
      >
        <SignInForm onSession={takeSession} label={t`Sign in`} />
      </Outside>
    )
  return <JoinAnew token={token} onKnown={() => setKnown(true)} />
}

function useAccept(token: string) {
  const land = useLanding()
  return useMutation({
    mutationFn: (person: { name?: string; password?: string }) =>
      take(api.POST('/v1/invitations/accept', { body: { token, ...person } })),
    onSuccess: land,
  })
}

const isOver = (error: unknown) => isFailure(error) && error.code === 'link_not_valid'

type MyselfProps = {
  readonly token: string
  readonly session: Session
  /** @param hasUser whether the invited address is known to have a user */
  readonly onLeft: (hasUser: boolean) => void
}

/** Somebody who is signed in joins by a click, if the invitation is theirs. */
function JoinAsMyself({ token, session, onLeft }: MyselfProps) {
  const { t } = useLingui()
  const { email } = session.user
  const accept = useAccept(token)
  const hasUser = isFailure(accept.error) && accept.error.code === 'not_signed_in'
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => onLeft(hasUser) })
  if (isOver(accept.error)) return <OverLink />
  // Another address was invited: one that has a user here, or one that needs a password first.
  const isOthers = hasUser || faultOf(accept.error, 'password') !== null
  return (
    <Outside
      title={t`You are invited`}
      lead={
        isOthers ? (
          <Trans>
            The invitation is for another address than {email}. Sign out here to take it as somebody
            else.
          </Trans>
        ) : (
          <Trans>
            Somebody wants to share their account with you. You are signed in as {email}.
          </Trans>
        )
      }
      foot={
        !isOthers && (
          <Button variant="subtle" loading={leave.isPending} onClick={() => leave.mutate()}>
            <Trans>Join as somebody else</Trans>
          </Button>
        )
      }
    >
      {!isOthers && <FailureNote error={accept.error} />}
      <FailureNote error={leave.error} />
      {isOthers ? (
        <Button size="md" fullWidth loading={leave.isPending} onClick={() => leave.mutate()}>
          <Trans>Sign out and go on</Trans>
        </Button>
      ) : (
        <Button size="md" fullWidth loading={accept.isPending} onClick={() => accept.mutate({})}>
          <Trans>Join the account</Trans>
        </Button>
      )}
    </Outside>
  )
}

const fields = ['name', 'password']

/** Somebody new chooses a name and a password. */
function JoinAnew({ token, onKnown }: { token: string; onKnown: () => void }) {
  const { t } = useLingui()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const accept = useAccept(token)
  if (isOver(accept.error)) return <OverLink />
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (accept.isPending) return
    accept.mutate({ password, ...(name.trim() === '' ? {} : { name: name.trim() }) })
  }
  // The address has a user: the password must be theirs, and so must the second factor.
  const isKnown =
    isFailure(accept.error) &&
    ['wrong_credentials', 'second_factor_required', 'not_signed_in'].includes(accept.error.code)
  return (
    <Outside
      title={t`You are invited`}
      lead={t`Somebody wants to share their account with you. Choose how you will sign in.`}
      foot={
        !isKnown && (
          <Button variant="subtle" onClick={onKnown}>
            <Trans>I have signed in here before</Trans>
          </Button>
        )
      }
    >
      <form onSubmit={submit} noValidate>
        <TextInput
          label={t`Name (optional)`}
          name="name"
          autoComplete="name"
          autoFocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={faultOf(accept.error, 'name')}
        />
        <PasswordInput
          label={t`Password`}
          description={t`10 characters or more. A few random words are easy to keep in mind.`}
          name="password"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={faultOf(accept.error, 'password')}
          visibilityToggleButtonProps={{ 'aria-label': t`Show the password` }}
        />
        {isKnown ? (
          <HereAlready onKnown={onKnown} />
        ) : (
          !areShownBeside(accept.error, fields) && <FailureNote error={accept.error} />
        )}
        <Button
          type="submit"
          size="md"
          fullWidth
          loading={accept.isPending}
          disabled={password === ''}
        >
          <Trans>Join the account</Trans>
        </Button>
      </form>
    </Outside>
  )
}

/** The invited address has a user, and somebody new cannot take it. */
function HereAlready({ onKnown }: { onKnown: () => void }) {
  return (
    <div className="note" role="alert">
      <div>
        <Trans>Somebody with the invited address is here already. If it is you, sign in.</Trans>
      </div>
      <Button variant="default" size="compact-sm" onClick={onKnown}>
        <Trans>Sign in</Trans>
      </Button>
    </div>
  )
}

function OverLink() {
  const { t } = useLingui()
  return (
    <DeadLink
      lead={t`The invitation was used already, taken back, or is older than 7 days. Ask for a new one.`}
    />
  )
}

function DeadLink({ lead }: { lead: string }) {
  const { t } = useLingui()
  return (
    <Outside title={t`This link does not work`} lead={lead}>
      <Button component="a" href="/app/" fullWidth size="md">
        <Trans>Go to the start</Trans>
      </Button>
    </Outside>
  )
}
