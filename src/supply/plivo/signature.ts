// Plivo’s signatures: version 2 over the URL, version 3 over the URL and the fields.
import { type Form, formOf } from '../bodies.ts'
import { hmac, isSame, signedUrls, withoutQuery } from '../signatures.ts'
import type { InboundRequest, Settings } from '../supplier.ts'

/** By the token of the account that owns the number, and by that of the main account. */
const version2 = ['x-plivo-signature-v2', 'x-plivo-signature-ma-v2'] as const
const version3 = ['x-plivo-signature-v3', 'x-plivo-signature-ma-v3'] as const
const nonce2 = 'x-plivo-signature-v2-nonce'
const nonce3 = 'x-plivo-signature-v3-nonce'

export const signatureHeaders: readonly string[] = [...version2, nonce2, ...version3, nonce3]

/** As many as one header can have of use: one for each token of an account. */
const maxSignatures = 10

/** Whether Plivo signed the request by one of its versions. */
export function verifyPlivo(request: InboundRequest, settings: Settings): boolean {
  const key = settings.auth_token
  if (!key) return false
  const isSigned = (headers: readonly string[], nonce: string, texts: readonly string[]) => {
    const given = headers.flatMap(
      (name) =>
        request
          .header(name)
          ?.split(',', maxSignatures)
          .map((one) => one.trim()) ?? [],
    )
    if (given.length === 0) return false
    const expected = texts.map((text) => hmac('sha256', key, 'base64', text, nonce))
    return expected.some((one) => given.some((signature) => isSame(signature, one)))
  }
  const urls = [...new Set(signedUrls(request).map(withoutQuery))]
  const [nonceOf2, nonceOf3] = [request.header(nonce2), request.header(nonce3)]
  // A request may have several, of which not all are made with this token.
  if (nonceOf3 !== undefined && isSigned(version3, `.${nonceOf3}`, version3Texts(urls, request)))
    return true
  return nonceOf2 !== undefined && isSigned(version2, nonceOf2, urls)
}

/**
 * What version 3 signs of a request, without the nonce. After a URL without a query, Plivo’s libraries write
 * a question mark before the fields, and its documentation none.
 * @param urls without their query
 */
function version3Texts(
  urls: readonly string[],
  { method, query, body }: InboundRequest,
): readonly string[] {
  const [asked, form] = [formOf(query), formOf(method === 'POST' ? body.toString() : '')]
  if (asked === null || form === null) return []
  const sorted = sortedFields(asked, '=').join('&')
  const fields = sortedFields(form, '').join('')
  if (sorted !== '')
    return urls.map((url) => `${url}?${sorted}${fields === '' ? '' : `.${fields}`}`)
  return fields === '' ? urls : urls.flatMap((url) => [`${url}?${fields}`, url + fields])
}

const sortedFields = (form: Form, between: string): readonly string[] =>
  [...form.keys()]
    .sort()
    .flatMap((name) => [...(form.get(name) ?? [])].sort().map((value) => name + between + value))
