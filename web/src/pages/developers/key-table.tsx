// The table of keys.
import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { balanceQuery } from '../../api/queries.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useNow } from '../../parts/now.ts'
import { BoneRows } from '../../parts/page.tsx'
import { ago, dateTime, money } from '../../texts.ts'
import css from './developers.module.css'
import { endOf, useScopeWords } from './key-words.ts'
import type { ApiKey } from './queries.ts'

type Props = {
  readonly keys: readonly ApiKey[] | undefined
  readonly onEdit: (key: ApiKey) => void
  readonly onRevoke: (key: ApiKey) => void
}

export function KeyTable({ keys, onEdit, onRevoke }: Props) {
  const { t } = useLingui()
  return (
    <div className="scrolls">
      <table className="table" aria-busy={keys === undefined}>
        <caption className="hidden">{t`Keys, newest first`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`Name`}</th>
            <th scope="col" className="wide">{t`May`}</th>
            <th scope="col">{t`Spent today`}</th>
            <th scope="col" className="wide">{t`From`}</th>
            <th scope="col" className="wide">{t`Last used`}</th>
            <th scope="col" className="wide">{t`Ends`}</th>
            <th scope="col">
              <span className="hidden">{t`Change`}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys?.map((key) => (
            <KeyRow
              key={key.id}
              apiKey={key}
              onEdit={() => onEdit(key)}
              onRevoke={() => onRevoke(key)}
            />
          )) ?? <BoneRows rows={3} columns={7} />}
        </tbody>
      </table>
    </div>
  )
}

type RowProps = {
  readonly apiKey: ApiKey
  readonly onEdit: () => void
  readonly onRevoke: () => void
}

function KeyRow({ apiKey, onEdit, onRevoke }: RowProps) {
  const { t } = useLingui()
  const now = useNow()
  const words = useScopeWords()
  const end = endOf(apiKey, now)
  return (
    <tr className={end === null ? undefined : css.ended}>
      <td>
        <div className={css.two}>
          <span className="strong clip" dir="auto">
            {apiKey.name || t`without a name`}
          </span>
          <span className="row tight faint small">
            <span className="mono ltr">{apiKey.hint}…</span>
            {apiKey.created_by === 'operator' && <Trans>made by the operator</Trans>}
          </span>
        </div>
      </td>
      <td className={`wide ${css.scopes}`}>
        {apiKey.scopes.map((scope) => words(scope)[0]).join(', ')}
      </td>
      <td className="num">
        <Spent apiKey={apiKey} />
      </td>
      <td className="wide small">
        {apiKey.allowed_ips.length === 0 ? (
          <span className="mute">{t`anywhere`}</span>
        ) : (
          <span className="mono ltr" title={apiKey.allowed_ips.join(', ')}>
            {apiKey.allowed_ips[0]}
            {apiKey.allowed_ips.length > 1 && ` +${apiKey.allowed_ips.length - 1}`}
          </span>
        )}
      </td>
      <td className="wide mute small nowrap">
        {apiKey.last_used_at === null ? t`never` : ago(apiKey.last_used_at, now)}
      </td>
      <td className="wide small nowrap">
        <Ends apiKey={apiKey} now={now} />
      </td>
      <td className="end">
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              size={28}
              aria-label={t`Change ${apiKey.name || apiKey.hint}`}
            >
              <Icon name="more" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onEdit} disabled={end !== null}>
              <Trans>Change name and limit</Trans>
            </Menu.Item>
            <Menu.Item onClick={onRevoke} disabled={end === 'revoked'}>
              <Trans>Revoke</Trans>
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <CopyIcon text={apiKey.id} label={t`Copy the key’s id`} />
      </td>
    </tr>
  )
}

function Ends({ apiKey, now }: { apiKey: ApiKey; now: number }) {
  const { t } = useLingui()
  const end = endOf(apiKey, now)
  if (end === 'revoked') return <span className="tag bad">{t`revoked`}</span>
  if (end === 'expired') return <span className="tag">{t`expired`}</span>
  if (apiKey.expires_at === null) return <span className="mute">{t`never`}</span>
  return <span className="mute">{dateTime(apiKey.expires_at)}</span>
}

/** What was spent of the day's limit; without a limit nothing is counted. */
function Spent({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useLingui()
  const { data: balance } = useQuery(balanceQuery)
  const { max_spend_a_day: cap, spent_today: spent } = apiKey
  if (cap === null || spent === null) return <span className="faint small">{t`no limit`}</span>
  if (!balance) return <span className="num">{spent}</span>
  const [used, most] = [money(spent, balance.currency), money(cap, balance.currency)]
  return (
    <span className={css.spent}>
      <meter min={0} max={Number(cap)} value={Number(spent)} aria-hidden="true" />
      <span className="nowrap small">{t`${used} of ${most}`}</span>
    </span>
  )
}
