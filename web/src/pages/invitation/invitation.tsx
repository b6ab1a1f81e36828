// The link of an invitation: joining as who one is, as somebody new, or after signing in.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useReducer, useState } from 'react'
import { api, type Schemas, take } from '../../api/client.ts'
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
  // Signing out forgets every query: this page has to ask again.
  const [, lookAgain] = useReducer((count: number) => count + 1, 0)
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => take(api.POST('/v1/invitations/read', { body: { token: token ?? '' } })),
    enabled: token !== null,
    retry: false,
  })
  if (token === null) return <DeadLink lead={t`It is not whole. Open it from the mail again.`} />
  if (isOver(invitation.error)) return <OverLink />
  if (!invitation.data)
    return (
      <Outside title={t`You are invited`}>
        <FailureNote error={invitation.error} />
      </Outside>
    )
  if (session?.second_factor.needed)
    return (
      <Outside title={t`One more step`}>
        <SecondFactorForm onSession={takeSession} />
      </Outside>
    )
  const props = { token, invitation: invitation.data }
  if (session) return <JoinAsMyself {...props} session={session} onLeft={lookAgain} />
  return invitation.data.has_user ? <SignInFirst {...props} /> : <JoinAnew {...props} />
}

type Read = Schemas['ReadInvitation']
type Props = { readonly token: string; readonly invitation: Read }

/** Who shares what, and with whom. */
function useLead({ account, role, invited_by: by }: Read): string {
  const { t } = useLingui()
  const may =
    role === 'owner'
      ? t`You may buy, make keys and change the team.`
      : t`You may buy, and see orders and codes.`
  const who = by === null ? t`You are invited to ${account}.` : t`${by} invites you to ${account}.`
  return `${who} ${may}`
}

/** Somebody whose address has a user signs in first. */
function SignInFirst({ invitation }: Props) {
  const { t } = useLingui()
  return (
    <Outside
      title={t`Sign in to join`}
      lead={`${useLead(invitation)} ${t`Sign in as ${invitation.email}.`}`}
    >
      <SignInForm onSession={takeSession} label={t`Sign in`} />
    </Outside>
  )
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

type MyselfProps = Props & { readonly session: Session; readonly onLeft: () => void }

/** Somebody who is signed in joins by a click, if the invitation is theirs. */
function JoinAsMyself({ token, invitation, session, onLeft }: MyselfProps) {
  const { t } = useLingui()
  const lead = useLead(invitation)
  const accept = useAccept(token)
  const leave = useMutation({ mutationFn: signOut, onSuccess: onLeft })
  if (isOver(accept.error)) return <OverLink />
  const { email } = invitation
  if (email !== session.user.email)
    return (
      <Outside
        title={t`You are invited`}
        lead={`${lead} ${t`The invitation is for ${email}, and you are signed in as ${session.user.email}.`}`}
      >
        <FailureNote error={leave.error} />
        <Button size="md" fullWidth loading={leave.isPending} onClick={() => leave.mutate()}>
          <Trans>Sign out and go on</Trans>
        </Button>
      </Outside>
    )
  return (
    <Outside title={t`You are invited`} lead={lead}>
      <FailureNote error={accept.error} />
      <Button size="md" fullWidth loading={accept.isPending} onClick={() => accept.mutate({})}>
        <Trans>Join the account</Trans>
      </Button>
    </Outside>
  )
}

const fields = ['name', 'password']

/** Somebody new chooses a name and a password. */
function JoinAnew({ token, invitation }: Props) {
  const { t } = useLingui()
  const lead = useLead(invitation)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const accept = useAccept(token)
  if (isOver(accept.error)) return <OverLink />
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (accept.isPending) return
    accept.mutate({ password, ...(name.trim() === '' ? {} : { name: name.trim() }) })
  }
  return (
    <Outside title={t`You are invited`} lead={`${lead} ${t`Choose how you will sign in.`}`}>
      <form onSubmit={submit} noValidate>
        <TextInput label={t`Email`} value={invitation.email} readOnly autoComplete="username" />
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
        {!areShownBeside(accept.error, fields) && <FailureNote error={accept.error} />}
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
