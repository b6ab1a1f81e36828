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

/** Whether Plivo signed the request by one of its versions. */
export function verifyPlivo(request: InboundRequest, settings: Settings): boolean {
  const key = settings.auth_token
  if (!key) return false
  const urls = signedUrls(request)
  const isSigned = (headers: readonly string[], texts: readonly string[]) => {
    const given = headers.flatMap((name) => request.header(name)?.split(',') ?? [])
    const expected =
      given.length > 0 ? texts.map((text) => hmac('sha256', key, 'base64', text)) : []
    return expected.some((one) => given.some((signature) => isSame(signature.trim(), one)))
  }
  const [nonceOf2, nonceOf3] = [request.header(nonce2), request.header(nonce3)]
  // A request may have several, of which not all are made with this token.
  if (nonceOf3 !== undefined) {
    const texts = urls
      .flatMap((url) => version3Texts(url, request))
      .map((one) => `${one}.${nonceOf3}`)
    if (isSigned(version3, texts)) return true
  }
  const texts = urls.map((url) => withoutQuery(url) + nonceOf2)
  return nonceOf2 !== undefined && isSigned(version2, texts)
}

/**
 * What version 3 signs of a request, without the nonce. After a URL without a query, Plivo’s libraries write
 * a question mark before the fields, and its documentation none.
 */
function version3Texts(url: string, { method, query, body }: InboundRequest): readonly string[] {
  const sorted = sortedFields(formOf(query), '=').join('&')
  const fields = method === 'POST' ? sortedFields(formOf(body.toString()), '').join('') : ''
  const plain = withoutQuery(url)
  if (sorted !== '') return [`${plain}?${sorted}${fields === '' ? '' : `.${fields}`}`]
  return fields === '' ? [plain] : [`${plain}?${fields}`, plain + fields]
}

const sortedFields = (form: Form, between: string): readonly string[] =>
  [...form.keys()]
    .sort()
    .flatMap((name) => [...(form.get(name) ?? [])].sort().map((value) => name + between + value))
