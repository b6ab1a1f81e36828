// Where one is signed in: each browser, and a way to end what is not one's own.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '../../api/client.ts'
import { queryClient } from '../../api/queries.ts'
import { announce } from '../../parts/announcer.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { useNow } from '../../parts/now.ts'
import { Bone, Panel } from '../../parts/page.tsx'
import { ago, dateTime } from '../../texts.ts'
import css from './settings.module.css'

type Listed = Schemas['ListedSession']

const sessionsQuery = queryOptions({
  queryKey: ['user', 'sessions'],
  queryFn: ({ signal }) => take(api.GET('/v1/user/sessions', { signal })).then((list) => list.data),
})

const readAgain = () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })

export function Sessions() {
  const { t } = useLingui()
  const { data: sessions, error } = useQuery(sessionsQuery)
  const end = useMutation({
    mutationFn: (id: string) =>
      take(api.DELETE('/v1/user/sessions/{id}', { params: { path: { id } } })),
    onSuccess: () => announce(t`Signed out there`),
    onSettled: readAgain,
  })
  const endOthers = useMutation({
    mutationFn: () => take(api.POST('/v1/user/sessions/end-others')),
    onSuccess: () => announce(t`Signed out everywhere else`),
    onSettled: readAgain,
  })
  const failure = end.error ?? endOthers.error ?? (sessions ? null : error)
  return (
    <Panel
      title={t`Where you are signed in`}
      aside={
        sessions &&
        sessions.length > 1 && (
          <Button
            variant="subtle"
            size="compact-sm"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate()}
          >
            <Trans>Sign out elsewhere</Trans>
          </Button>
        )
      }
    >
      {failure && (
        <div className="pad">
          <FailureNote error={failure} />
        </div>
      )}
      {sessions?.map((session) => (
        <Row
          key={session.id}
          session={session}
          isEnding={end.isPending && end.variables === session.id}
          onEnd={() => end.mutate(session.id)}
        />
      ))}
      {!sessions && !error && (
        <div className={css.setting} aria-busy="true">
          <div className="stack" style={{ gap: 8 }}>
            <Bone width="40%" />
            <Bone width="60%" />
          </div>
        </div>
      )}
    </Panel>
  )
}

type RowProps = {
  readonly session: Listed
  readonly isEnding: boolean
  readonly onEnd: () => void
}

function Row({ session, isEnding, onEnd }: RowProps) {
  const { t } = useLingui()
  const now = useNow()
  const device = session.device || t`A program without a name`
  const since = dateTime(session.created_at)
  return (
    <div className={css.setting}>
      <div>
        <div className="strong" dir="auto">
          {device}
        </div>
        <div className="faint small">
          {session.address !== null && (
            <>
              <span className="mono ltr">{session.address}</span> ·{' '}
            </>
          )}
          <Trans>since {since}</Trans>
          {!session.is_current && (
            <>
              {' · '}
              <Trans>last used {ago(session.last_seen_at, now)}</Trans>
            </>
          )}
        </div>
      </div>
      {session.is_current ? (
        <span className="tag ok">{t`This browser`}</span>
      ) : (
        <Button
          variant="default"
          loading={isEnding}
          onClick={onEnd}
          aria-label={t`Sign out: ${device}`}
        >
          <Trans>Sign out</Trans>
        </Button>
      )}
    </div>
  )
}
