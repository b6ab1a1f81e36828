// A call as a program: curl, TypeScript, Python.
import type { Api, ApiCall } from './apis.ts'

export const languages = ['curl', 'TypeScript', 'Python'] as const
export type Language = (typeof languages)[number]

/** What stands for a key that was not chosen. */
export const noKey = 'YOUR_KEY'

/** The address of a call, with the key where the API has it there. */
export function addressOf(api: Api, call: ApiCall, key: string): string {
  const query = new URLSearchParams({
    ...(api.key === 'query' ? { api_key: key } : {}),
    ...call.query,
  }).toString()
  return `${location.origin}${call.path}${query === '' ? '' : `?${query}`}`
}

/** A call in a language.
 * @param key what is written as the key */
export function exampleOf(language: Language, api: Api, call: ApiCall, key: string): string {
  const parts = {
    url: addressOf(api, call, key),
    method: call.method,
    body: call.body,
    bearer: api.key === 'header' ? key : null,
  }
  if (language === 'curl') return curl(parts)
  return language === 'TypeScript' ? typescript(parts) : python(parts)
}

type Parts = {
  readonly url: string
  readonly method: string
  readonly body: object | undefined
  readonly bearer: string | null
}

/** Between single quotes of a shell nothing has a meaning but the quote itself. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`

function curl({ url, method, body, bearer }: Parts): string {
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`,
    ...(bearer === null ? [] : [`-H ${quoted(`Authorization: Bearer ${bearer}`)}`]),
    ...(body ? ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`] : []),
  ].join(' \\\n  ')
}

function typescript({ url, method, body, bearer }: Parts): string {
  const headers = [
    ...(bearer === null ? [] : [`Authorization: ${JSON.stringify(`Bearer ${bearer}`)}`]),
    ...(body ? [`'Content-Type': 'application/json'`] : []),
  ]
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    ...(headers.length === 0 ? [] : [`  headers: { ${headers.join(', ')} },`]),
    ...(body ? [`  body: JSON.stringify(${JSON.stringify(body)}),`] : []),
  ]
  const call =
    options.length === 0
      ? `fetch(${JSON.stringify(url)})`
      : `fetch(${JSON.stringify(url)}, {\n${options.join('\n')}\n})`
  return `const response = await ${call}\nconsole.log(response.status, await response.text())`
}

function python({ url, method, body, bearer }: Parts): string {
  const given = [
    `    ${JSON.stringify(url)},`,
    ...(bearer === null
      ? []
      : [`    headers={"Authorization": ${JSON.stringify(`Bearer ${bearer}`)}},`]),
    ...(body ? [`    json=${JSON.stringify(body)},`] : []),
  ]
  return [
    'import requests',
    '',
    `response = requests.${method.toLowerCase()}(`,
    ...given,
    ')',
    'print(response.status_code, response.text)',
  ].join('\n')
}
