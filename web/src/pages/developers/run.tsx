// Runs an example from the page, as a program would: with its key, without the session, the answer as it is.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { connection } from '../../api/connection.ts'
import { Failure } from '../../api/failure.ts'
import { refreshMoney } from '../../live/apply.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import type { Api, ApiCall } from './apis.ts'
import { CodeBlock } from './code-block.tsx'
import css from './developers.module.css'
import { addressOf } from './example-text.ts'

/** Longer answers are cut here; a program gets them whole. */
const maxShown = 20_000

type Answer = {
  readonly status: number
  readonly ms: number
  readonly requestId: string | null
  readonly text: string
  readonly isCut: boolean
}

async function runCall(api: Api, call: ApiCall, key: string): Promise<Answer> {
  const begun = performance.now()
  let response: Response
  try {
    response = await fetch(addressOf(api, call, key), {
      method: call.method,
      headers: {
        ...(api.key === 'header' ? { authorization: `Bearer ${key}` } : {}),
        ...(call.body ? { 'content-type': 'application/json' } : {}),
      },
      ...(call.body ? { body: JSON.stringify(call.body) } : {}),
      // The session must not answer in place of the key.
      credentials: 'omit',
      cache: 'no-store',
    })
  } catch {
    connection.lost()
    throw new Failure(0, {})
  }
  const text = pretty(await response.text())
  return {
    status: response.status,
    ms: Math.round(performance.now() - begun),
    requestId: response.headers.get('x-request-id'),
    text: text.slice(0, maxShown),
    isCut: text.length > maxShown,
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    // It is plain text, as handler_api answers.
    return text
  }
}

type Props = { readonly api: Api; readonly call: ApiCall; readonly apiKey: string | null }

export function Run({ api, call, apiKey }: Props) {
  const { t } = useLingui()
  const [isAsked, setAsked] = useState(false)
  const run = useMutation({
    mutationFn: () => runCall(api, call, apiKey ?? ''),
    onSuccess: () => {
      setAsked(false)
      if (call.buys) refreshMoney()
    },
  })
  const begin = () => (call.buys ? setAsked(true) : run.mutate())
  return (
    <div className={css.run}>
      <div className="row tight wrap">
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Icon name="play" size={13} />}
          disabled={apiKey === null}
          loading={run.isPending}
          onClick={begin}
        >
          {apiKey === null
            ? t`Run it: choose a key first`
            : call.buys
              ? t`Run it and buy`
              : t`Run it`}
        </Button>
        {run.data && <Result answer={run.data} />}
      </div>
      <FailureNote error={isAsked ? null : run.error} />
      {run.data && <CodeBlock text={run.data.text} label={t`The answer`} />}
      {run.data?.isCut && (
        <p className="mute small">
          <Trans>The answer is longer; this is its beginning.</Trans>
        </p>
      )}
      {isAsked && (
        <Confirm
          title={t`Buy a number?`}
          action={t`Buy it`}
          error={run.error}
          isPending={run.isPending}
          onConfirm={() => run.mutate()}
          onClose={() => setAsked(false)}
        >
          <Trans>
            This call is real: it buys a number for WhatsApp in the United States at its current
            price, as a program with this key would.
          </Trans>
        </Confirm>
      )}
    </div>
  )
}

function Result({ answer }: { answer: Answer }) {
  const { t } = useLingui()
  const isGood = answer.status < 400
  return (
    <span className="row tight" role="status">
      <span className={`tag ${isGood ? 'ok' : 'bad'} num`}>{answer.status}</span>
      <span className="faint small num">{answer.ms} ms</span>
      {answer.requestId && (
        <span className="faint small mono ltr wide">
          {answer.requestId}
          <CopyIcon text={answer.requestId} label={t`Copy the request id`} />
        </span>
      )}
    </span>
  )
}
