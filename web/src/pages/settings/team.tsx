// Team: who belongs to the account, in which role, and who is invited.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, NativeSelect } from '@mantine/core'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, type Schemas, take } from '../../api/client.ts'
import { queryClient } from '../../api/queries.ts'
import { announce } from '../../parts/announcer.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Bone, Panel } from '../../parts/page.tsx'
import { Suspended } from '../../parts/suspended.tsx'
import { accountOf, type Session } from '../../session/session.ts'
import { date } from '../../texts.ts'
import { readSession, useSession } from './fresh.ts'
import { Invitations } from './invitations.tsx'
import css from './settings.module.css'

type Member = Schemas['TeamMember']
type Role = Member['role']

export const teamQuery = (accountId: string) =>
  queryOptions({
    queryKey: ['team', accountId],
    queryFn: ({ signal }) => take(api.GET('/v1/team', { signal })),
  })

export const readTeamAgain = () => queryClient.invalidateQueries({ queryKey: ['team'] })

export function useRoles() {
  const { t } = useLingui()
  return { owner: t`Owner`, member: t`Member` } satisfies Record<Role, string>
}

export function Team() {
  const session = useSession()
  return accountOf(session).role === 'owner' ? (
    <OwnersView session={session} />
  ) : (
    <MembersView session={session} />
  )
}

function OwnersView({ session }: { session: Session }) {
  const { t } = useLingui()
  const account = accountOf(session)
  const { data: team, error } = useQuery(teamQuery(account.id))
  return (
    <Suspended error={error}>
      <div className="stack">
        <FailureNote error={team ? null : error} />
        <Panel
          title={t`People`}
          aside={
            <span className="faint small" dir="auto">
              {account.name}
            </span>
          }
        >
          {team
            ? team.members.map((member) => (
                <MemberRow
                  key={member.user_id}
                  member={member}
                  isSelf={member.user_id === session.user.id}
                  isLastOwner={
                    member.role === 'owner' &&
                    team.members.filter(({ role }) => role === 'owner').length === 1
                  }
                />
              ))
            : !error && <Bones />}
        </Panel>
        <Invitations invitations={team?.invitations} />
        <p className="faint small">
          <Trans>
            Members read and buy. Owners also make keys and webhooks, and change the team. API keys
            belong to the account: they stay when somebody goes.
          </Trans>
        </p>
      </div>
    </Suspended>
  )
}

function Bones() {
  return (
    <div className={css.setting} aria-busy="true">
      <div className="stack" style={{ gap: 8 }}>
        <Bone width="35%" />
        <Bone width="55%" />
      </div>
      <Bone width={130} height={36} />
    </div>
  )
}

type RowProps = {
  readonly member: Member
  readonly isSelf: boolean
  readonly isLastOwner: boolean
}

function MemberRow({ member, isSelf, isLastOwner }: RowProps) {
  const { t } = useLingui()
  const roles = useRoles()
  const [isAsked, setAsked] = useState(false)
  const name = member.name || member.email
  const change = useMutation({
    mutationFn: (role: Role) =>
      take(
        api.PATCH('/v1/team/{user}', {
          params: { path: { user: member.user_id } },
          body: { role },
        }),
      ),
    onSuccess: (_, role) => {
      announce(t`${name}: ${roles[role]}`)
      return isSelf ? readSession() : undefined
    },
    onSettled: readTeamAgain,
  })
  const why = isLastOwner ? t`The account needs an owner: make somebody else one first.` : undefined
  const joined = date(member.joined_at)
  return (
    <div className={css.setting}>
      <div>
        <div className="row tight">
          <span className="strong clip" dir="auto">
            {name}
          </span>
          {isSelf && <span className="faint small">{t`you`}</span>}
        </div>
        <div className="faint small">
          {member.name !== '' && (
            <>
              <span className="ltr">{member.email}</span> ·{' '}
            </>
          )}
          <Trans>since {joined}</Trans> ·{' '}
          {member.has_second_factor ? t`second factor on` : t`no second factor`}
        </div>
        {why && <div className="faint small">{why}</div>}
      </div>
      <div className="row tight">
        <NativeSelect
          rightSection={<Icon name="down" size={14} />}
          className={css.role}
          aria-label={t`Role of ${name}`}
          value={change.isPending ? change.variables : member.role}
          disabled={isLastOwner || change.isPending}
          title={why}
          onChange={(event) => change.mutate(event.target.value as Role)}
          data={[
            { value: 'owner', label: roles.owner },
            { value: 'member', label: roles.member },
          ]}
        />
        <Button
          variant="default"
          disabled={isLastOwner}
          title={why}
          onClick={() => setAsked(true)}
          aria-label={isSelf ? t`Leave the account` : t`Remove ${name}`}
        >
          {isSelf ? <Trans>Leave</Trans> : <Trans>Remove</Trans>}
        </Button>
      </div>
      {change.error && <FailureNote error={change.error} />}
      {isAsked && <Removal member={member} isSelf={isSelf} onClose={() => setAsked(false)} />}
    </div>
  )
}

type RemovalProps = {
  readonly member: Pick<Member, 'user_id' | 'name' | 'email'>
  readonly isSelf: boolean
  readonly onClose: () => void
}

/** Asks before somebody is removed, or leaves. */
function Removal({ member, isSelf, onClose }: RemovalProps) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const name = member.name || member.email
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/v1/team/{user}', { params: { path: { user: member.user_id } } })),
    onSuccess: async () => {
      onClose()
      if (!isSelf) {
        announce(t`${name} is removed.`)
        return readTeamAgain()
      }
      const session = await readSession()
      if (session.account) await navigate({ to: '/' })
      else await navigate({ to: '/sign-in', search: {} })
    },
  })
  return (
    <Confirm
      title={isSelf ? t`Leave this account?` : t`Remove ${name}?`}
      action={isSelf ? t`Leave the account` : t`Remove from the team`}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      {isSelf ? (
        <Trans>You see its orders and its money no more. Only an owner can invite you back.</Trans>
      ) : (
        <Trans>They lose the account at once, wherever they are signed in. Its keys stay.</Trans>
      )}
    </Confirm>
  )
}

/** What somebody sees who is no owner: their own place, and the way out. */
function MembersView({ session }: { session: Session }) {
  const { t } = useLingui()
  const [isAsked, setAsked] = useState(false)
  const account = accountOf(session)
  const { user } = session
  return (
    <Panel title={t`People`}>
      <div className={css.setting}>
        <div>
          <div className="strong" dir="auto">
            {account.name || account.id}
          </div>
          <div className="mute small">
            <Trans>You are a member: you read and buy. Only owners see and change the team.</Trans>
          </div>
        </div>
        <Button variant="default" onClick={() => setAsked(true)}>
          <Trans>Leave the account</Trans>
        </Button>
      </div>
      {isAsked && (
        <Removal
          member={{ user_id: user.id, name: user.name, email: user.email }}
          isSelf
          onClose={() => setAsked(false)}
        />
      )}
    </Panel>
  )
}
