// The 7-bit alphabets of 3GPP TS 23.038 for languages of South Asia (annexes A.2.4 to A.2.13 and A.3.4 to
// A.3.13). They are written as code points, because many of these characters cannot be seen alone: numbers in
// hexadecimal, in the order of the codes, `a-b` for a run.

/** What the extension tables of all these languages have in common, by the first code of a run. */
const sharedExtension: Readonly<Record<number, string>> = {
  0: '40 a3 24 a5 bf 22 a4 25-27 c 2a 2b',
  14: '2d 2f 3c-3e a1 5e a1 5f 23 2a',
  40: '7b 7d',
  47: '5c',
  60: '5b 7e 5d',
  64: '7c 41-5a',
  101: '20ac',
}

/** Where each language has its own characters: from here on, at the codes that are not shared. */
const firstOwn = 0x19
const escapeCode = 0x1b

/** What each language adds, by its identifier; 0 is no character. */
const ownExtensions: Readonly<Record<number, string>> = {
  // Bengali.
  4: '9e6-9ef 9df-9e3 9f2-9fa',
  // Gujarati.
  5: '964 965 ae6-aef',
  // Hindi.
  6: '964-96f 951-954 958-963 970 971',
  // Kannada.
  7: '964 965 ce6-cef cde cf1 cf2',
  // Malayalam.
  8: '964 965 d66-d75 d7a-d7f',
  // Oriya.
  9: '964 965 b66-b6f b5c b5d b5f b70 b71',
  // Punjabi.
  10: '964 965 a66-a6f a59-a5c a5e a75',
  // Tamil.
  11: '964 965 be6-bef bf3-bf8 bfa',
  // Telugu.
  12: '0 0 c66-c6f c58 c59 c78-c7f',
  // Urdu.
  13: '600 601 6f0-6f9 60c-614 61b 61f 640 652 658 66b 66c 672 673 6cd 6d4',
}

/** The tables in place of the default alphabet, by the language's identifier. Unused codes are blanks. */
const alphabets: Readonly<Record<number, string>> = {
  // Bengali.
  4:
    '981-983 985-98b a 98c 20 d 20 98f 990 20 20 993-99a 1b 99b-99e 20 21 99f-9a4 29 28 9a5 ' +
    '9a6 2c 9a7 2e 9a8 30-3b 20 9aa 9ab 3f 9ac-9b0 20 9b2 20 20 20 9b6-9b9 9bc-9c4 20 20 9c7 ' +
    '9c8 20 20 9cb-9ce 61-7a 9d7 9dc 9dd 9f0 9f1',
  // Gujarati.
  5:
    'a81-a83 a85-a8b a a8c a8d d 20 a8f-a91 20 a93-a9a 1b a9b-a9e 20 21 a9f-aa4 29 28 aa5 aa6 ' +
    '2c aa7 2e aa8 30-3b 20 aaa aab 3f aac-ab0 20 ab2 ab3 20 ab5-ab9 abc-ac5 20 ac7-ac9 20 ' +
    'acb-acd ad0 61-7a ae0-ae3 af1',
  // Hindi.
  6:
    '901-903 905-90b a 90c 90d d 90e-91a 1b 91b-91e 20 21 91f-924 29 28 925 926 2c 927 2e 928 ' +
    '30-3b 929-92b 3f 92c-939 93c-94d 950 61-7a 972 97b 97c 97e 97f',
  // Kannada.
  7:
    '20 c82 c83 c85-c8b a c8c 20 d c8e-c90 20 c92-c9a 1b c9b-c9e 20 21 c9f-ca4 29 28 ca5 ca6 ' +
    '2c ca7 2e ca8 30-3b 20 caa cab 3f cac-cb3 20 cb5-cb9 cbc-cc4 20 cc6-cc8 20 cca-ccd cd5 ' +
    '61-7a cd6 ce0-ce3',
  // Malayalam.
  8:
    '20 d02 d03 d05-d0b a d0c 20 d d0e-d10 20 d12-d1a 1b d1b-d1e 20 21 d1f-d24 29 28 d25 d26 ' +
    '2c d27 2e d28 30-3b 20 d2a d2b 3f d2c-d39 20 d3d-d44 20 d46-d48 20 d4a-d4d d57 61-7a ' +
    'd60-d63 d79',
  // Oriya.
  9:
    'b01-b03 b05-b0b a b0c 20 d 20 b0f b10 20 20 b13-b1a 1b b1b-b1e 20 21 b1f-b24 29 28 b25 ' +
    'b26 2c b27 2e b28 30-3b 20 b2a b2b 3f b2c-b30 20 b32 b33 20 b35-b39 b3c-b44 20 20 b47 ' +
    'b48 20 20 b4b-b4d b56 61-7a b57 b60-b63',
  // Punjabi.
  10:
    'a01-a03 a05-a0a 20 a 20 20 d 20 a0f a10 20 20 a13-a1a 1b a1b-a1e 20 21 a1f-a24 29 28 a25 ' +
    'a26 2c a27 2e a28 30-3b 20 a2a a2b 3f a2c-a30 20 a32 a33 20 a35 a36 20 a38 a39 a3c 20 ' +
    'a3e-a42 20 20 20 20 a47 a48 20 20 a4b-a4d a51 61-7a a70-a74',
  // Tamil.
  11:
    '20 b82 b83 b85-b8a 20 a 20 20 d b8e-b90 20 b92-b95 20 20 20 b99 b9a 1b 20 b9c 20 b9e 20 ' +
    '21 b9f 20 20 20 ba3 ba4 29 28 20 20 2c 20 2e ba8 30-3b ba9 baa 20 3f 20 20 bae-bb9 20 20 ' +
    'bbe-bc2 20 20 20 bc6-bc8 20 bca-bcd bd0 61-7a bd7 bf0-bf2 bf9',
  // Telugu.
  12:
    'c01-c03 c05-c0b a c0c 20 d c0e-c10 20 c12-c1a 1b c1b-c1e 20 21 c1f-c24 29 28 c25 c26 2c ' +
    'c27 2e c28 30-3b 20 c2a c2b 3f c2c-c33 20 c35-c39 20 c3d-c44 20 c46-c48 20 c4a-c4d c55 ' +
    '61-7a c56 c60-c63',
  // Urdu.
  13:
    '627 622 628 67b 680 67e 6a6 62a 6c2 67f a 679 67d d 67a 67c 62b 62c 681 684 683 685-687 ' +
    '62d-62f 1b 68c 688-68a 20 21 68f 68d 630 631 691 693 29 28 699 632 2c 696 2e 698 30-3b ' +
    '69a 633 634 3f 635-639 641 642 6a9-6ab 6af 6b3 6b1 644-646 6ba-6bc 648 6c4 6d5 6c1 6be ' +
    '621 6cc 6d0 6d2 64d 650 64f 657 654 61-7a 655 651 653 656 670',
}

/** What the languages add to the extension table, by identifier and code. */
export const southAsianExtensions: Readonly<Record<number, Readonly<Record<number, string>>>> =
  Object.fromEntries(Object.entries(ownExtensions).map(([id, own]) => [id, extensionOf(own)]))

/** The alphabets in place of the default one, by identifier and code. */
export const southAsianAlphabets: Readonly<Record<number, readonly string[]>> = Object.fromEntries(
  Object.entries(alphabets).map(([id, runs]) => [id, pointsIn(runs).map(characterOf)]),
)

function extensionOf(own: string): Record<number, string> {
  const table: Record<number, string> = {}
  for (const [first, runs] of Object.entries(sharedExtension))
    for (const [at, point] of pointsIn(runs).entries())
      table[Number(first) + at] = characterOf(point)
  let code = firstOwn
  for (const point of pointsIn(own)) {
    while (code === escapeCode || table[code] !== undefined) code++
    if (point !== 0) table[code] = characterOf(point)
    code++
  }
  return table
}

function pointsIn(runs: string): number[] {
  return runs.split(' ').flatMap((run) => {
    const [first = 0, last = first] = run.split('-').map((point) => Number.parseInt(point, 16))
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

function characterOf(point: number): string {
  return String.fromCodePoint(point)
}
