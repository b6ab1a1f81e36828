// The links that a message wants followed: which they are, and in which order.
import { describe, expect, it, test } from 'vitest'
import { findLinks } from '../../src/core/codes/links.ts'

const urls = (text: string, html: string | null = null) =>
  findLinks({ text, html }).map(({ url }) => url)

describe('the links of a text', () => {
  it.each([
    ['Tap https://example.com/v/Ab12Cd.', ['https://example.com/v/Ab12Cd']],
    ['Sign in: example.com/l/8Fk2x (valid 5 min)', ['https://example.com/l/8Fk2x']],
    ['(https://example.com/a_(b))', ['https://example.com/a_(b)']],
    ['See "https://example.com/a?b=c&d=1", please', ['https://example.com/a?b=c&d=1']],
    ['点击https://example.com/a1b2c3登录。', ['https://example.com/a1b2c3']],
    [
      'ログインはこちら：https://example.com/login?t=9f8e7d6c5b',
      ['https://example.com/login?t=9f8e7d6c5b'],
    ],
    [
      'Войти: https://пример.example/login/abc123, код 4412',
      ['https://xn--e1afmkfd.example/login/abc123'],
    ],
    ['HTTPS://EXAMPLE.COM/Verify/1', ['https://example.com/Verify/1']],
    ['https://example.com:8443/confirm#t=abc', ['https://example.com:8443/confirm#t=abc']],
    ['www.example.com/verify/12', ['https://www.example.com/verify/12']],
  ])('%s', (text, expected) => {
    expect(urls(text)).toEqual(expected)
  })

  it.each([
    ['an address of mail', 'Write to help@example.com/desk'],
    ['a homepage', 'Your code is 1234. https://example.com'],
    ['another scheme', 'ftp://example.com/a javascript:alert(1) data:text/html,x'],
    ['a password in an address', 'https://user:secret@example.com/a'],
    ['the origin of a code', '@example.com #123456'],
    ['a date, an amount, a fraction', '30.11.2026/1 12.50/month 1/2 and/or a.b'],
    ['no host', 'https:///a https://a http://localhost/x'],
    ['a footer', 'Unsubscribe: https://example.com/u/8a7b6c5d4e3f2a1b0c9d'],
  ])('%s is none', (_what, text) => {
    expect(urls(text)).toEqual([])
  })
})

const mail = `<body><img src="https://px.example.com/open?id=1" width="1" height="1">
  <a href="https://example.com/"><img src="logo.png" alt="Example"></a>
  <p>Hi! Please confirm your address.</p>
  <a href="https://click.example.com/ls/click?upn=AbC123dEf456GhI789jkl0"
     style="background:#06f;padding:8px">Confirm &amp; continue</a>
  <p>Or copy this: <a href="https://app.example.com/verify?token=abcdef1234567890abcdef">
    https://app.example.com/verify?token=abcdef12...</a></p>
  <p>Questions? <a href="https://example.com/articles/17">Read our guide</a></p>
  <div class="footer"><a href="https://example.com/privacy">Privacy</a>
    <a href="https://click.example.com/ls/click?upn=ZZZ123dEf456GhI789jkl0">Unsubscribe</a>
    <a href="https://twitter.com/example">Twitter</a> <a href="mailto:a@example.com">Mail</a>
    <a href="https://apps.apple.com/app/id1">App</a></div></body>`

describe('the links of a mail', () => {
  test('stand with the likeliest first, each once, without pixels, logos and footers', () => {
    expect(findLinks({ text: '', html: mail })).toEqual([
      {
        url: 'https://click.example.com/ls/click?upn=AbC123dEf456GhI789jkl0',
        text: 'Confirm & continue',
      },
      { url: 'https://app.example.com/verify?token=abcdef1234567890abcdef', text: null },
      { url: 'https://example.com/articles/17', text: 'Read our guide' },
    ])
  })

  it.each([
    ['Confirm your email', 'Unsubscribe'],
    ['E-Mail-Adresse bestätigen', 'Abmelden'],
    ['Confirmer mon adresse', 'Se désabonner'],
    ['Confirmar correo', 'Darse de baja'],
    ['Conferma il tuo indirizzo', 'Annulla iscrizione'],
    ['Confirmar e-mail', 'Cancelar inscrição'],
    ['E-mail bevestigen', 'Afmelden'],
    ['Potwierdź adres', 'Wypisz się'],
    ['Подтвердить адрес', 'Отписаться'],
    ['確認する', '配信停止'],
    ['确认邮箱', '退订'],
    ['이메일 인증', '수신거부'],
    ['تأكيد البريد', 'إلغاء الاشتراك'],
    ['אישור כתובת', 'הסרה'],
    ['E-postanızı doğrulayın', 'Abonelikten çık'],
    ['Xác nhận email', 'Hủy đăng ký'],
  ])('"%s" comes before the guide, and "%s" is left out', (confirm, footer) => {
    const html = [
      '<a href="https://example.com/guide">1 2 3</a>',
      `<a href="https://example.com/r/1">${confirm}</a>`,
      `<a href="https://example.com/r/2">${footer}</a>`,
    ].join(' ')
    expect(urls('', html)).toEqual(['https://example.com/r/1', 'https://example.com/guide'])
  })

  test('are at most ten, however many there are, and take bounded time', () => {
    const many = Array.from(
      { length: 5_000 },
      (_, i) => `<a href="https://example.com/x/${i}">Go</a>`,
    )
    expect(findLinks({ text: '', html: many.join('') })).toHaveLength(10)
    for (const hostile of [
      '<a href="https://a.example/c">'.repeat(20_000),
      '<a href="https://a.example/c">'.concat('x<b>'.repeat(100_000)),
      'x <i>'.repeat(100_000),
    ])
      expect(findLinks({ text: '', html: hostile }).length).toBeLessThan(2)
    for (const hostile of [
      'a.'.repeat(50_000).concat('/'),
      'a-'.repeat(50_000).concat('/'),
      'https://a.example/'.concat(')'.repeat(100_000)),
      'https://'.repeat(12_000),
      'x.example/'.repeat(10_000),
    ])
      expect(findLinks({ text: hostile }).length).toBeLessThan(11)
  }, 60_000)
})
