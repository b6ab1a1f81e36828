// Invitations to the account: those that are open, and a form for a new one.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, type Schemas, take } from '../../api/client.ts'
import { areShownBeside, faultOf } from '../../api/failure.ts'
import { announce } from '../../parts/announcer.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Panel } from '../../parts/page.tsx'
import { date } from '../../texts.ts'
import css from './settings.module.css'
import { readTeamAgain, useRoles } from './team.tsx'

type Invitation = Schemas['Invitation']

export function Invitations({ invitations }: { invitations: readonly Invitation[] | undefined }) {
  const { t } = useLingui()
  return (
    <Panel title={t`Invite somebody`}>
      <InviteForm />
      {invitations?.map((one) => (
        <InvitationRow key={one.id} invitation={one} />
      ))}
    </Panel>
  )
}

const fields = ['email', 'role']

function InviteForm() {
  const { t } = useLingui()
  const roles = useRoles()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Invitation['role']>('member')
  const invite = useMutation({
    mutationFn: () =>
      take(api.POST('/v1/team/invitations', { body: { email: email.trim(), role } })),
    onSuccess: ({ email: to }) => {
      setEmail('')
      announce(t`An invitation to ${to} is on its way.`)
      return readTeamAgain()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!invite.isPending) invite.mutate()
  }
  const sentTo = invite.data?.email ?? ''
  return (
    <form className="pad stack" onSubmit={submit} noValidate>
      <div className={css.invite}>
        <TextInput
          label={t`Email`}
          type="email"
          name="email"
          inputMode="email"
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={faultOf(invite.error, 'email')}
          dir="ltr"
        />
        <NativeSelect
          rightSection={<Icon name="down" size={14} />}
          label={t`Role`}
          value={role}
          onChange={(event) => setRole(event.target.value as Invitation['role'])}
          data={[
            { value: 'member', label: roles.member },
            { value: 'owner', label: roles.owner },
          ]}
        />
        <Button type="submit" loading={invite.isPending} disabled={email.trim() === ''}>
          <Trans>Send the invitation</Trans>
        </Button>
      </div>
      {!areShownBeside(invite.error, fields) && <FailureNote error={invite.error} />}
      <p className="mute small" role="status">
        {invite.isSuccess
          ? t`A mail with a link is on its way to ${sentTo}.`
          : t`They get a mail with a link, which works once and for 7 days.`}
      </p>
    </form>
  )
}

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const { t } = useLingui()
  const roles = useRoles()
  const { id, email } = invitation
  const revoke = useMutation({
    mutationFn: () => take(api.DELETE('/v1/team/invitations/{id}', { params: { path: { id } } })),
    onSuccess: () => announce(t`The invitation of ${email} is taken back.`),
    onSettled: readTeamAgain,
  })
  const until = date(invitation.expires_at)
  return (
    <div className={css.setting} style={{ borderTop: '1px solid var(--line)', borderBottom: 0 }}>
      <div>
        <div className="row tight">
          <span className="strong clip ltr">{email}</span>
          <span className="tag wait">{t`Invited`}</span>
        </div>
        <div className="faint small">
          {roles[invitation.role]} · <Trans>until {until}</Trans>
        </div>
      </div>
      <Button
        variant="default"
        loading={revoke.isPending}
        onClick={() => revoke.mutate()}
        aria-label={t`Take back the invitation of ${email}`}
      >
        <Trans>Take back</Trans>
      </Button>
      {revoke.error && <FailureNote error={revoke.error} />}
    </div>
  )
}
