// The texts of mails in Indonesian.
import type { Words } from './words.ts'

export const indonesian: Words = {
  tag: 'id',
  unknown: 'tidak diketahui',
  parts: {
    hello: { fact: 'name', known: 'Halo {name},', unknown: 'Halo,' },
    by: { fact: 'by', known: '{by}', unknown: 'Seseorang' },
    account: { fact: 'account', known: ' akun {account}', unknown: '' },
    toAccount: { fact: 'account', known: ' di akun {account}', unknown: '' },
    service: { fact: 'service', known: ' untuk {service}', unknown: '' },
    rented: { fact: 'number', known: '{number}', unknown: 'sebuah nomor' },
  },
  where: 'Perangkat: {device}\nAlamat: {address}\nWaktu: {at}',
  mails: {
    verify: {
      subject: 'Konfirmasi alamat email Anda untuk {platform}',
      before: [
        '{hello}',
        'Seseorang, mungkin Anda, mendaftar di {platform} dengan alamat ini. Konfirmasi untuk ' +
          'melanjutkan:',
      ],
      link: 'Konfirmasi alamat',
      after: [
        'Tautan ini berlaku sekali, dalam 24 jam.',
        'Jika itu bukan Anda, abaikan saja: tidak ada yang dibuat.',
      ],
    },
    known_address: {
      subject: 'Anda sudah terdaftar di {platform}',
      before: [
        '{hello}',
        'Seseorang mendaftar di {platform} dengan alamat ini, tetapi alamat ini sudah ' +
          'terdaftar. Tidak ada yang berubah.',
        'Jika itu Anda, silakan masuk. Jika Anda lupa kata sandi, Anda dapat membuat yang baru ' +
          'di sana.',
      ],
      link: 'Masuk',
      after: ['Jika itu bukan Anda, tidak ada yang perlu dilakukan.'],
    },
    reset: {
      subject: 'Buat kata sandi baru untuk {platform}',
      before: [
        '{hello}',
        'Seseorang, mungkin Anda, meminta kata sandi baru di {platform}. Buat di sini:',
      ],
      link: 'Buat kata sandi baru',
      after: [
        'Tautan ini berlaku sekali, dalam satu jam. Sesi Anda yang lain berakhir ketika Anda ' +
          'memakainya.',
        'Jika itu bukan Anda, abaikan saja: kata sandi Anda tetap sama.',
      ],
    },
    guessing: {
      subject: 'Seseorang menebak kata sandi Anda di {platform}',
      before: [
        '{hello}',
        'Banyak kata sandi salah dicoba untuk Anda di {platform}. Percobaan berikutnya makin ' +
          'lama makin diperlambat.',
        'Jika itu Anda, Anda dapat membuat kata sandi baru saat masuk. Jika bukan, kata sandi ' +
          'panjang yang tidak Anda pakai di tempat lain mencegah orang lain masuk; faktor kedua ' +
          'melindungi Anda bahkan jika kata sandi itu diketahui.',
      ],
      link: 'Lihat pengaturan keamanan Anda',
      after: [],
    },
    new_sign_in: {
      subject: 'Masuk baru di {platform}',
      before: [
        '{hello}',
        'Seseorang masuk sebagai Anda di {platform} dari perangkat baru.',
        '{where}',
      ],
      link: 'Lihat sesi Anda',
      after: ['Jika itu bukan Anda, akhiri sesi tersebut dan buat kata sandi baru.'],
    },
    password_changed: {
      subject: 'Kata sandi Anda di {platform} telah diubah',
      before: [
        '{hello}',
        'Kata sandi Anda di {platform} telah diubah. Semua sesi lain telah berakhir.',
        '{where}',
      ],
      link: 'Lihat pengaturan keamanan Anda',
      after: ['Jika itu bukan Anda, segera buat kata sandi baru lewat email (“Lupa kata sandi?”).'],
    },
    invitation: {
      subject: 'Undangan ke {platform}',
      before: ['{hello}', '{by} mengundang Anda ke sebuah akun di {platform}.'],
      link: 'Terima undangan',
      after: [
        'Tautan ini berlaku sekali, dalam 7 hari.',
        'Jika Anda tidak mengenalnya, abaikan saja.',
      ],
    },
    code_guessing: {
      subject: 'Seseorang menebak kode Anda di {platform}',
      before: [
        '{hello}',
        'Seseorang yang mengetahui kata sandi Anda di {platform} mencoba kode faktor kedua ' +
          'Anda. Percobaan berikutnya makin lama makin diperlambat.',
        '{where}',
      ],
      link: 'Lihat pengaturan keamanan Anda',
      after: ['Jika itu bukan Anda, segera buat kata sandi baru.'],
    },
    factor_added: {
      subject: 'Faktor kedua baru di {platform}',
      before: ['{hello}', 'Faktor kedua ditambahkan untuk Anda di {platform}.', '{where}'],
      link: 'Lihat pengaturan keamanan Anda',
      after: ['Jika itu bukan Anda, segera buat kata sandi baru dan akhiri semua sesi lain.'],
    },
    factor_removed: {
      subject: 'Faktor kedua dihapus di {platform}',
      before: ['{hello}', 'Faktor kedua Anda dihapus di {platform}.', '{where}'],
      link: 'Lihat pengaturan keamanan Anda',
      after: ['Jika itu bukan Anda, segera buat kata sandi baru dan akhiri semua sesi lain.'],
    },
    recovery_code_used: {
      subject: 'Kode pemulihan dipakai di {platform}',
      before: [
        '{hello}',
        'Seseorang masuk sebagai Anda dengan kode pemulihan sebagai pengganti faktor kedua di ' +
          '{platform}.',
        '{where}',
      ],
      link: 'Lihat pengaturan keamanan Anda',
      after: ['Jika itu bukan Anda, segera buat kata sandi baru dan akhiri semua sesi lain.'],
    },
    recovery_codes_made: {
      subject: 'Kode pemulihan baru di {platform}',
      before: ['{hello}', 'Kode pemulihan Anda telah diganti di {platform}.', '{where}'],
      link: 'Lihat pengaturan keamanan Anda',
      after: ['Jika itu bukan Anda, segera buat kata sandi baru dan akhiri semua sesi lain.'],
    },
    passkey_copied: {
      subject: 'Kunci sandi ditolak di {platform}',
      before: [
        '{hello}',
        'Salah satu kunci sandi Anda ditolak di {platform}: kunci sandi menghitung ' +
          'pemakaiannya, dan hitungannya mundur. Mungkin seseorang memiliki salinannya.',
        '{where}',
      ],
      link: 'Lihat pengaturan keamanan Anda',
      after: ['Hapus kunci sandi itu di sana, lalu tambahkan lagi.'],
    },
    low_balance: {
      subject: 'Saldo Anda di {platform} menipis',
      before: [
        '{hello}',
        'Saldo{account} turun menjadi {balance} {currency}. Anda meminta diberi tahu di bawah ' +
          '{mark} {currency}.',
      ],
      link: 'Isi saldo',
      after: ['Anda dapat mematikan email ini di pengaturan, bagian “Pemberitahuan”.'],
    },
    deposit_credited: {
      subject: '{amount} {currency} ditambahkan di {platform}',
      before: [
        '{hello}',
        'Deposit {amount} {currency} telah dibayar dan ditambahkan ke saldo{account}.',
      ],
      link: 'Lihat dompet',
      after: ['Anda dapat mematikan email ini di pengaturan, bagian “Pemberitahuan”.'],
    },
    rental_ending: {
      subject: 'Sewa di {platform} segera berakhir',
      before: [
        '{hello}',
        'Sewa {rented}{service}{toAccount} berakhir pada {at} UTC. Setelah itu nomor disewakan ' +
          'kepada orang lain. Perpanjang jika masih Anda perlukan.',
      ],
      link: 'Lihat sewa Anda',
      after: ['Anda dapat mematikan email ini di pengaturan, bagian “Pemberitahuan”.'],
    },
  },
}
