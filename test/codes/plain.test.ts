// One plain form: what means the same to a reader is read the same.
import { describe, expect, test } from 'vitest'
import { extractCode } from '../../src/core/codes/extract.ts'
import { calmed, plainText } from '../../src/core/codes/plain.ts'

describe('the plain form', () => {
  test.each([
    ['Your code is 4410. Reply STOP to opt out.', 'Your code is 4410.'],
    ['કોડ 702944 છે.\nMsg & data rates may apply. Text HELP for help.', 'કોડ 702944 છે.'],
    ['Code 4410, txt STOP to end', 'Code 4410'],
    ['Code 4410\nReply with STOP to unsubscribe', 'Code 4410'],
    ['Code 4410 - Plover Tarn', 'Code 4410'],
    ['Code 4410\n\n--\nTarn', 'Code 4410'],
    ['Enter *441092* now', 'Enter 441092 now'],
    ['Enter "44 10 92" now', 'Enter 44 10 92 now'],
    ['Tarn:your code:441092', 'Tarn: your code: 441092'],
    [
      'Sauerampfer: Um den Kauf bei Birke in Hamburg zu bestätigen,\nbrauchen Sie 819-220.',
      'Sauerampfer: Um den Kauf bei Birke in Hamburg zu bestätigen, brauchen Sie 819-220.',
    ],
  ])('of %j is %j', (text, plain) => expect(plainText(text)).toBe(plain))

  test.each([
    'Reply STOP to opt out.',
    'To get a code, reply YES',
    'Code\n441092',
    'Your code for signing in to your account at Plover Savings is:\n441092',
    'See http://a.example:8080/x at 12:30',
    'He said "no" *twice*',
    '441092 - Tarn',
    'Order 4410 - CODE',
  ])('of %j is what it is', (text) => expect(plainText(text)).toBe(text))

  test('of a line in capitals is in small letters, but for what no word is', () => {
    expect(calmed('YOUR SIGN-IN CODE IS HBRTQZ. DO NOT SHARE IT.')).toBe(
      'Your sign-in code is HBRTQZ. Do not share it.',
    )
    expect(calmed('Hello\nYOUR SIGN-IN CODE IS\n4410')).toBe('Hello\nYour sign-in code is\n4410')
    expect(calmed('Your NASA code')).toBe('Your NASA code')
    expect(calmed('Lozinka Za Plaćanje Kod 9921 Glasi 714 026.')).toBe(
      'Lozinka za plaćanje kod 9921 glasi 714 026.',
    )
    expect(calmed('Your Code From Plover Tarn is 4410')).toBe('Your Code From Plover Tarn is 4410')
    expect(calmed('GİRİŞ İÇİN KODUNUZ 4410')).toBe('Giriş için kodunuz 4410')
  })

  test.each([
    'Reply STOP ',
    'A',
    'A\n',
    'AB CD\n',
    '*1',
    '"1',
    'a:',
    'x - ',
    'Aa ',
    'txt stop to ',
  ])('of nothing but %j is made in no time', (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
    expect(extractCode({ text, subject: text }).code).toBeNull()
  })
})

describe('a code is found the same', () => {
  test.each([
    ['તમારો કોડ 702944 છે. Reply STOP to opt out.', '702944'],
    ['ਤੁਹਾਡਾ Twite ਕੋਡ 770214 ਹੈ Reply STOP to opt out.', '770214'],
    ['आपका कोड 441092 है।\nMsg & data rates may apply. Text HELP for help.', '441092'],
    ['Plover *884 120* (account recovery).', '884120'],
    ['Twój kod:441092', '441092'],
    ['आपका कोड 7383 है। Do not share. T&C apply.', '7383'],
  ])('in %j', (text, code) => expect(extractCode({ text }).code).toBe(code))
})
