// Each rule by a message that shows it.
import { describe, expect, test } from 'vitest'
import { extractCode } from '../../src/core/codes/extract.ts'

const codeOf = (text: string) => extractCode({ text }).code

describe('forms made for machines', () => {
  test.each([
    ['Sign in to Thistle.\n\n@thistle.example #771203', '771203'],
    ['G-441092 is your sign-in code', '441092'],
    ['<#> Thistle code: 441092\nFA+9qCX9VSu', '441092'],
    ['441092', '441092'],
    ['441-092', '441092'],
    ['K7M2QX', 'K7M2QX'],
  ])('%j holds %s', (text, code) => expect(codeOf(text)).toBe(code))

  test("a service's own rule goes before everything else", () => {
    const rules = [{ pattern: 'slip (\\w{3}-\\w{3})' }]
    const found = extractCode({ text: 'Code 441092, slip abc-77q', rules })
    expect(found).toMatchObject({ code: 'abc77q', asWritten: 'abc-77q' })
    expect(found.confidence).toBeGreaterThan(0.95)
  })

  test('a rule that is no pattern is passed by', () => {
    expect(extractCode({ text: 'Code 441092', rules: [{ pattern: '(' }] }).code).toBe('441092')
  })
})

describe('ways to write a code', () => {
  test.each([
    ['Your code is 441 092', '441092', '441 092'],
    ['Your code is 4-4-1-0-9-2', '441092', '4-4-1-0-9-2'],
    ['Your code is ４４１０９２', '441092', '４４１０９２'],
    ['رمز التحقق ٤٤١٠٩٢', '441092', '٤٤١٠٩٢'],
    ['Your code is A1B2-C3D4', 'A1B2C3D4', 'A1B2-C3D4'],
    ['Your code: QWPLMN', 'QWPLMN', 'QWPLMN'],
    ['Your code is four eight two one', '4821', 'four eight two one'],
    ['Thistle: 441-092. Valid for 5 minutes', '441092', '441-092'],
    ['With 441-092 you finish signing in', '441092', '441-092'],
    ['Paste 441092 into the box. 4 minutes left', '441092', '441092'],
    ['Your code is **441092**', '441092', '441092'],
    ['PIN 4410 92, valid for 5 minutes', '441092', '4410 92'],
    ['R-441092 is your Rowan code', '441092', 'R-441092'],
    ['Paste QWPLMN. It lasts 5 minutes', 'QWPLMN', 'QWPLMN'],
    ['Rowan: four four one zero', '4410', 'four four one zero'],
    ['Your code is 44\u200b10\u200b92', '441092', '44\u200b10\u200b92'],
  ])('%j holds %s', (text, code, asWritten) => {
    expect(extractCode({ text })).toMatchObject({ code, asWritten })
  })
})

describe('codes that stay with a thing', () => {
  test.each([
    'Gate code for the cabin: 4410',
    'The PIN of your new debit card is 2207',
    'Türcode: 4410',
    'Код домофона 4410',
    'ドアの暗証番号は4410です',
    'Backup codes: 4410 2207, 7731 9052',
    'The worker exited with code 137',
    'Code du cadenas de la valise : 4410',
    'Código de acceso 441092, reunión con ID 275 917 2439',
    'Hi bigfox97, enter the code from your app',
  ])('%j holds none', (text) => expect(codeOf(text)).toBeNull())

  test.each([
    ['Enter 441092 to sign in at the intercom', '441092'],
    ['Your code for the locker app is 441092. Never share it', '441092'],
  ])('%j holds %s: it speaks of signing in, or warns', (text, code) => {
    expect(codeOf(text)).toBe(code)
  })
})

describe('numbers that are no code', () => {
  test.each([
    'Order 771203 has shipped',
    'Your promo code is FERN25',
    'Postal code 90210 updated',
    'Error code 4031',
    'Booking code K7M2QX confirmed',
    'Never share your code. Call 16520.',
    'Card ending 4410 charged $77.20',
    'Meet at 10:30 on 14/03/2026',
    'Call +1 (555) 014-4109',
    'https://thistle.example/login/441092',
    'Balance 4410 USD',
    'You walked 8812 steps',
    'Your code 441092 has expired',
    'The code was sent to the number ending in 4471',
    'Kod 4471 ile biten numaraya gönderildi',
    'Text PIN to 58204',
    'Sit down in seat 14 with DELIVER15',
    'A code was sent to 0770••••921',
    'Code 441092 was used to sign in on a new device',
    'Recovery codes: 4410-9207, 1182-2055, 7712-0344',
    'Order\n4410927\nTotal\n84.20',
    '[#441092] cannot receive verification codes',
    'Confirmation 441092, balance 1204.55',
    'Parcel in box 2207, PIN 6385',
    'Your parcel is on its way. Tell the driver 4418',
    'Your code will arrive from 60155',
    'Your code will arrive from ROWAN or 60155',
    'Card ending 4410 was charged $77.20. Auth code 771204.',
    'Gift card 4410 9207 1182, PIN 3305',
    'Prescription 441092, code 7712',
    'Redeem points with code GOLD4410',
    'Meter reading 44109 registered, meter 771',
    'Parking fine 441092: pay $77.20',
  ])('%j holds none', (text) => expect(codeOf(text)).toBeNull())
})

describe('of several numbers the code is chosen', () => {
  test.each([
    ['OTP for order 771203 is 4410', '4410'],
    ['Old code 1111, new code 9077', '9077'],
    ['Code 4410 confirms $1,250.00 to account 88120', '4410'],
    ['Never share your code 441092. Fraud line 16520.', '441092'],
    ['The code is 9077, not 1111', '9077'],
    ['Doğru kod 1111 değil, 9077', '9077'],
    ['Code 118220 was replaced by 441092', '441092'],
    ['Code 118220 kaputt, enter 441092', '441092'],
    ['The password for purchase 9921 is 441092', '441092'],
    ['Store 1944, $5.08: enter 441092', '441092'],
    ['Do not any more use the code 118220. Type 441092.', '441092'],
    ['Code 118220 is kaput, the new one is 441092', '441092'],
    ['The code 118220 is dead. A fresh one below.\n441092\nCase 4471208', '441092'],
    ['118220 was your code. Now it is 441092', '441092'],
    ['118220 yerine 441092 girin', '441092'],
    ['Confirm the payment with 441092', '441092'],
    ['Ticketworld: 441092 is your code', '441092'],
    ['Password no. 3: 441092', '441092'],
    ['The helpdesk never asks for it: 441092. Phone 0345 555 0171.', '441092'],
    ['Never tell 441092 to anyone. Hotline 16520', '441092'],
    ['Rowan: 441-092 to approve transfer of $77.20', '441092'],
    ['441092 (account recovery)', '441092'],
    ['Do not use 118220 but 441092. Case 88401.', '441092'],
    ['118220 no longer works. 441092 replaces it', '441092'],
    ['Your code is 441092 (the old one was 118220)', '441092'],
    ['441092 (replaces the old code 118220)', '441092'],
    ['441092 replaces your code 118220', '441092'],
    ['Please try 441092', '441092'],
    ['441092 Rowan', '441092'],
    ['Approve payment 77,20 EUR: 441 092', '441092'],
    ['Prihlasovacie číslo 441092 nikomu nehovorte', '441092'],
    ['Your passcode is 441092. Questions: 900 555 016', '441092'],
  ])('%j holds %s', (text, code) => expect(codeOf(text)).toBe(code))

  test.each([
    // A cash desk in Latvian; no other word of these messages is.
    ['Käse: Your code is 482918.', '482918'],
    ['Kase code 669766', '669766'],
  ])("%j holds %s: a word of a language that is not the message's is a name", (text, code) => {
    expect(codeOf(text)).toBe(code)
  })

  test('and the second best is told', () => {
    expect(extractCode({ text: 'Code 441092. Or perhaps 771203' }).runnerUp).toBe('771203')
  })
})

describe('mails', () => {
  test('the subject can hold the code', () => {
    const subject = '441092 is your sign-in code'
    expect(extractCode({ text: '', subject, channel: 'email' }).code).toBe('441092')
  })

  test('what the reader does not see is not read', () => {
    const text =
      '<style>p{margin:441092px}</style><div style="display:none">code 111111</div><p>Your code</p><p>441&nbsp;092</p>'
    expect(codeOf(text)).toBe('441092')
  })

  test('a mail quoted below holds no code', () => {
    const text = 'It does not work.\n\n> Your code is 441092'
    expect(codeOf(text)).toBeNull()
  })

  test.each([
    '> Your code is 441092',
    '> Hello Ada,\n>\n> Your code is 441092.\n> Goodbye',
    '>> Your code is\n>> 441092',
  ])('a mail that is nothing but a quotation is shown, and its code found: %s', (text) => {
    const subject = 'Fwd: hello'
    expect(extractCode({ text, subject, channel: 'email' }).code).toBe('441092')
    const reply = { text: `Thank you.\n\n${text}`, subject, channel: 'email' as const }
    expect(extractCode(reply).code).toBeNull()
    const signed = { text: `${text}\n\n-- \nAda`, subject, channel: 'email' as const }
    expect(extractCode(signed).code).toBeNull()
  })

  test.each([
    '<s>118830</s>',
    '<del>118830</del>',
    '<strike><b>118830</b></strike>',
    '<span style="color:red;text-decoration: line-through">118830</span>',
    '<span style="text-decoration-line:line-through">118830</span>',
  ])('a code that is struck out counts only without a valid one: %s', (struck) => {
    const read = (text: string) => extractCode({ text, channel: 'email', subject: 'Code' }).code
    expect(read(`<p>Your code: ${struck} <b>441092</b></p>`)).toBe('441092')
    expect(read(`<p>Your code is ${struck}</p><p>441092</p>`)).toBe('441092')
    expect(read(`<p>Your code is <b>441092</b>, not ${struck}</p>`)).toBe('441092')
    expect(read(`<p>Your code is ${struck}</p>`)).toBe('118830')
  })
})

describe('a bare word for a number', () => {
  test.each([
    ['27305 is the number to verify your profile', '27305'],
    ['27305 is the number of your parcel', null],
  ])('%j holds %s', (text, code) => expect(codeOf(text)).toBe(code))
})

describe('what a number is for', () => {
  test.each([
    ['Fern Clinic: 2703 to view your scan online. Expires 13:05', '2703'],
    ['Fern Clinic: 2700 to be paid at the desk', null],
    ['Your transfer of $75.00 is waiting. Reply in the app with 57204', '57204'],
    ['Questions? Call us on 57204', null],
    ['Enter 4410 to move your booking', '4410'],
    ['Your parcel is on its way. Tell the courier 4418', null],
    ['Para confirmar la baja escribe:\n40718', '40718'],
  ])('%j holds %s', (text, code) => expect(codeOf(text)).toBe(code))
})

describe('numbers that are only talked about', () => {
  test.each([
    'Choose a PIN that is not easy to guess, such as 1234',
    '暗証番号に「1234」などを使わないでください',
    'Sending failed (code 4032): that number is switched off',
    'Nous ne demandons jamais le SMS-TAN. Ne le donnez pas',
    'Flat $150 OFF! Use code YUM150 on the app',
    'CVE-2026-20417 lets others skip the one-time code',
  ])('%j holds none', (text) => expect(codeOf(text)).toBeNull())
})

describe('years, empty forms and codes that have ended', () => {
  test.each([
    ['Код підпису декларації за 2025 рік 208451', '208451'],
    ['Kood 419275. Reg-kood 00000000', '419275'],
    ['注册码610827,之前的验证码已失效。', '610827'],
    ['Մուտքագրե՛ք 40628', '40628'],
  ])('%j holds %s', (text, code) => expect(codeOf(text)).toBe(code))
})
