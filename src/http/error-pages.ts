// /docs/errors: a page for each error code, to which a problem's `type` links, and a list of all codes.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { FailureCode } from './failure.ts'
import { escapeHtml, htmlPage, pageHeaders } from './html-page.ts'
import { sampleFailure } from './openapi/samples.ts'
import { errorPagesPath, problemOf } from './problem.ts'
import { problemTexts } from './problem-texts.ts'

const codes = Object.keys(problemTexts) as FailureCode[]

export function errorPages(server: FastifyInstance) {
  const hidden = { schema: { hide: true } }
  server.get(errorPagesPath, hidden, (_request, reply) => send(reply, 200, listPage()))
  server.get<{ Params: { code: string } }>(`${errorPagesPath}/:code`, hidden, (request, reply) => {
    const code = codes.find((one) => one === request.params.code)
    return code ? send(reply, 200, codePage(code)) : send(reply, 404, missingPage())
  })
}

const send = (reply: FastifyReply, status: number, page: string) =>
  reply.code(status).headers(pageHeaders).send(page)

function listPage(): string {
  const rows = [...codes]
    .sort((a, b) => problemTexts[a].status - problemTexts[b].status)
    .map((code) => {
      const { status, title } = problemTexts[code]
      // On a narrow screen a code breaks after an underscore.
      const shown = code.replaceAll('_', '_<wbr>')
      const link = `<a href="${errorPagesPath}/${code}"><code>${shown}</code></a>`
      return `<tr><td>${status}</td><td>${link}</td><td>${escapeHtml(title)}</td></tr>`
    })
  return htmlPage(
    'Errors',
    '<h1>Errors</h1>' +
      '<p>A failed request is answered with problem details (RFC 9457). ' +
      'Let your program decide by <code>code</code>, which never changes its meaning. ' +
      'A request that failed has changed nothing.</p>' +
      '<table><thead><tr><th>Status</th><th>Code</th><th>Title</th></tr></thead>' +
      `<tbody>${rows.join('')}</tbody></table>`,
  )
}

function codePage(code: FailureCode): string {
  const { status, title, meaning, remedy } = problemTexts[code]
  const example = JSON.stringify(problemOf(sampleFailure(code), exampleRequestId, ''), null, 2)
  return htmlPage(
    title,
    `<p><a href="${errorPagesPath}">Errors</a></p><h1>${escapeHtml(title)}</h1>` +
      `<p><code>${code}</code> with status <code>${status}</code></p>` +
      `<h2>What it means</h2><p>${withCode(meaning)}</p>` +
      `<h2>What to do</h2><p>${withCode(remedy)}</p>` +
      `<h2>Example</h2><pre><code>${escapeHtml(example)}</code></pre>`,
  )
}

const exampleRequestId = '0b0f6f0e-6d5c-4a43-9f7e-3c6f4a1f6c0d'

const missingPage = () =>
  htmlPage(
    'Error not found',
    '<h1>Error not found</h1><p>There is no error with this code. ' +
      `<a href="${errorPagesPath}">All errors</a></p>`,
  )

/** Marks text between backticks as code. */
const withCode = (text: string) => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
