// Words and hosts of links that are at the foot of a mail and not its purpose.
import { foldText } from './fold.ts'

/** In many languages: unsubscribe, preferences, privacy, terms, help, contact, view in a browser. */
const words = [
  'unsubscribe opt-out optout preferences privacy terms imprint legal disclaimer copyright cookie',
  'help-center help-centre helpcenter helpcentre support contact faq about-us careers blog newsletter',
  'view-in-browser view-online view-this-email webversion web-version download-the-app app-store appstore',
  'google-play playstore follow-us feedback survey report-abuse report-spam manage-subscription',
  'datenschutz impressum abmelden abbestellen nutzungsbedingungen agb kontakt hilfe im-browser',
  'desabonner desinscrire desinscription confidentialite mentions-legales conditions-generales aide',
  'darse-de-baja cancelar-suscripcion privacidad aviso-legal terminos condiciones ayuda contacto',
  'cancelar-inscricao descadastrar privacidade termos ajuda contato contacte',
  'annulla-iscrizione disiscriviti disiscrizione termini condizioni aiuto contatti contattaci',
  'afmelden uitschrijven voorwaarden privacybeleid privacyverklaring',
  'avregistrera avsluta-prenumeration integritet villkor hjalp avmeld personvern vilkar hjelp',
  'afmeld privatlivspolitik betingelser hjaelp peruuta tietosuoja kayttoehdot ohje',
  'wypisz rezygnuj prywatnosci regulamin pomoc kontakt odhlasit ochrana-osobnich obchodni-podminky napoveda',
  'odhlasit-odber sukromia podmienky leiratkozas adatvedelem felhasznalasi sugo dezabonare confidentialitate',
  'odjava privatnosti uvjeti pomoc odjavi zasebnost pogoji отписаться отписка конфиденциальности условия',
  'помощь поддержка відписатися конфіденційності умови допомога отпиши поверителност',
  'abonelikten-cik gizlilik kosullar yardim iletisim διαγραφη απορρητου οροι βοηθεια επικοινωνια',
  'הסרה פרטיות תנאים עזרה الغاء-الاشتراك الخصوصية الشروط المساعدة لغو-اشتراک حریم-خصوصی شرایط راهنما',
  'huy-dang-ky quyen-rieng-tu dieu-khoan tro-giup berhenti-berlangganan kebijakan-privasi bantuan syarat',
  'ยกเลิกการรับ ความเป็นส่วนตัว ช่วยเหลือ ข้อกำหนด 退订 退訂 取消订阅 取消訂閱 隐私 隱私 条款 條款 帮助 幫助 联系我们 聯絡我們',
  '配信停止 プライバシー 利用規約 ヘルプ お問い合わせ 수신거부 개인정보 이용약관 고객센터 도움말 문의',
  'सदस्यता-समाप्त गोपनीयता शर्तें सहायता',
]

const pattern = new RegExp(
  words
    .join(' ')
    .split(' ')
    // An "ä" is an "a" here, as in what is looked at.
    .map((word) => plain(word).replaceAll('-', '[\\W_]{0,3}'))
    .map((word) => (/^[a-z]/.test(word) ? `(?<![a-z])${word}` : word))
    .join('|'),
)

const networks = [
  'facebook|fb|twitter|x|instagram|linkedin|youtube|youtu|tiktok|pinterest|snapchat|threads|reddit|discord',
  't|wa|telegram|vk|line|weibo|itunes|apple|play\\.google|apps\\.microsoft|trustpilot',
]
const hosts = new RegExp(
  `(?:^|\\.)(?:${networks.join('|')})\\.(?:com|net|org|be|me|gg|ru|co)$`,
  'i',
)

/** Letters whose stroke or missing dot is no mark of its own. */
const stroked: Readonly<Record<string, string>> = { ı: 'i', đ: 'd', ł: 'l', ø: 'o', æ: 'a', ß: 's' }

function plain(text: string): string {
  const folded = foldText(text.normalize('NFKD').replace(/\p{M}/gu, '')).toLowerCase()
  return folded.replace(/[ıđłøæß]/g, (letter) => stroked[letter] ?? letter)
}

/** Whether a link's text or path says that it belongs to the foot of the mail. */
export const isFooter = (text: string): boolean => text !== '' && pattern.test(plain(text))

/** Whether a host is of a social network or a shop of apps. */
export const isFooterHost = (host: string): boolean => hosts.test(host)
