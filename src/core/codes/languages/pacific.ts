// The languages of the Pacific.
import type { Language } from './language.ts'

export const pacific: readonly Language[] = [
  {
    id: 'mi',
    code: 'waehere,tō waehere,kupuhipa,kupu hipa,kupu huna,tau huna,kuputaunaki',
    strong:
      'waehere manatoko,waehere whakaū,waehere whakamana,waehere haumaru,waehere urunga,waehere kotahi,kupuhipa kotahi,waehere whakapūmau,waehere takiuru,waehere tau kotahi',
    use: 'tāuruhia,whakamahia,tuhia,pātōhia,tomohia,whakaurua',
    auth: 'manatoko*,whakaū*,takiuru,uru,rēhita*,haumaru*,whakamana,whakahohe,urunga,tuakiri',
    other:
      'whakahekenga,utu whakaheke,hoko whakatairanga,kūpona,koha,ota,tono,pūkoro,tāpuitanga,mōkihi,mōkī,tuku,nama hokohoko,rihīti,tīkiti,rererangi,tereina,poutāpeta,hapa,rūma,hua,tūru',
    ref: 'pūkete,kāri,moni,toenga,tapeke,utu,tauwhitinga,tau waea,nama,kiritaki,waea,waea pūkoro,tau tohutoro,tau kiritaki',
    call: 'waea mai,waea atu,waeahia,whakautu,tukuna,whakapā,pātai',
    old: 'tawhito,kua pau,o mua,muhu,kua mutu,hei whakakapi,kua whakakorea,kua poto',
    fresh: 'hou,o nāianei',
    time: 'meneti,hēkona,haora,rā,wiki,marama,mati,ngā mati',
    unit: 'tohu,hīkoinga,kiromita,tāngata',
    money: 'tāra',
    warn: 'kaua,aua,tetahi atu,tangata,rawa,tāware',
    digits: 'kore,tahi/kotahi,rua,toru,whā,rima,ono,whitu,waru,iwa',
  },
  {
    id: 'sm',
    code: 'tulafono faalilolilo,numera faalilolilo,upu faalilolilo,kode,code,upu tatala,ki',
    strong:
      "kode faamaonia,kode fa'amaonia,kode e faamaonia,code faamaonia,code fa'amaonia,kode saogalemu,numera faamaonia,numera fa'amaonia,upu faalilolilo faatasi,kode fa'amautu,kode faamautu",
    use: "faaaoga,fa'aaoga,tuu,tu'u,tusi,lolomi,faaulu,fa'aulu,tuuina,ulufale i",
    auth: "faamaonia,fa'amaonia,ulufale,saogalemu,resitala,faamautu,fa'amautu",
    other:
      "faaitiitia,fa'aitiitiga,kuponi,meaalofa,oka,okaina,talosaga,faasao,afifi,pusa,pili,lisiti,tiketi,vaalele,meli,sese,potu,oloa",
    ref: "teugatupe,tala,kata,aofai,aofa'i,totoe,totogi,numera,tagata faatau,telefoni,tau,tausaga",
    call: "vili,vala'au,valaau,tali,lafo,faafesootai,fesili",
    old: 'tuai,ua uma,muamua,le aoga,ua le toe aoga,ua maea',
    fresh: 'fou,o nei',
    time: 'minute,minuti,sekone,itula,aso,vaiaso,masina,numera e',
    money: 'tala,wst',
    warn: "aua,aua nei,soo se tasi,so'o se,nei",
    digits: 'selo/leai,tasi,lua,tolu,fa,lima,ono,fitu,valu,iva',
  },
  {
    id: 'to',
    code: "kouti,kouti ho'o,lea fufū,fika fakapulipuli,lea fakapulipuli",
    strong: "kouti fakamo'oni,kouti fakapapau,kouti malu'i,kouti hū,kouti fakapapau'i",
    use: "fakahū,ngāue'aki,tohi,taipe",
    auth: "fakamo'oni*,fakapapau*,hū,lēsisita,malu'i",
    other: "holoki,me'a'ofa,'ota,ota,pāseli,mo'ua,tikite,vakapuna,meili,fehālaaki,loki,kupaoni",
    ref: "'akauni,akauni,kaati,pa'anga,toenga,fakakātoa,totongi,fika,kasitomā,telefoni,ta'u",
    call: "tā,telefoni ki,tali,'ave,fetu'utaki",
    old: "motu'a,'osi,kimu'a,'ikai kei",
    fresh: "fo'ou",
    time: "miniti,sekoni,houa,'aho,uike,māhina",
    money: "pa'anga,seniti",
    warn: "'oua,oua,ha taha,'ikai",
    digits: 'noa,taha,ua,tolu,fā,nima,ono,fitu,valu,hiva',
  },
  {
    id: 'fj',
    code: 'kode,nomu kode,vosa ni curu,naba vuni,vosa vuni',
    strong:
      'kode ni vakadeitaki,kode ni vakadinadina,kode ni taqomaki,kode ni curu,kode vakadeitaki,kode ni veivakadeitaki',
    use: 'vakacuruma,vakayagataka,vola,taipataka,biuta',
    auth: 'vakadeita*,vakadinadina*,curu,rejista,taqomaki,veitaqomaki',
    other:
      'vakalailai,iloloma,ota,oda,buki,ioloolo,tikite,waqavuka,meli,cala,rumu,kupono,isau lailai,vakau',
    ref: 'akaude,kadi,ilavo,vo ni ilavo,taucoko,sausaumi,naba,dauvoli,talevoni,yabaki',
    call: 'qirita,qiri,talevoni ki,sauma,vakauta,veitaratara',
    old: 'makawa,oti,e liu,sega ni rawa',
    fresh: 'vou',
    time: 'miniti,sekodi,aua,siga,macawa,vula',
    money: 'dola,fjd',
    warn: 'kua,kua ni,dua tani,e dua',
    digits: 'saiva,dua,rua,tolu,va,lima,ono,vitu,walu,ciwa',
  },
  {
    id: 'haw',
    code: "pa'iwewehe,kāhuaʻōlelo,huaʻōlelo hūnā,hua'ōlelo huna,helu huna,pāʻālua,paʻalua,pāʻalua,pā'ālua,kode,kuhi,hōʻailona",
    strong:
      'helu hōʻoia,pāʻālua hōʻoia,kode hōʻoia,helu hōʻoiaʻiʻo,pāʻālua hōʻoiaʻiʻo,kuhi hōʻoia,kode palekana,pāʻālua palekana,pāʻālua hoʻokahi,hua ʻōlelo huna hoʻokahi',
    use: 'hoʻokomo,e hoʻokomo,hoʻohana,e hoʻohana,kākau,e kākau,kikokiko,hookomo,hoohana',
    auth: 'hōʻoia*,hooia*,ʻeʻe,komo,kakau inoa,kākau inoa,palekana,hōʻā,hoʻāla',
    other:
      'hoʻēmi,kūpona,makana,kauoha,hoʻopaʻa,pūʻolo,pila,likiki,mokulele,leka,hewa,lumi,huahana',
    ref: 'moʻokāki,kāleka,kālā,koena,huina,uku,helu,mea kūʻai,kelepona,makahiki,kumu kūʻai',
    call: 'kelepona,e kelepona,kāhea,pane,hoʻouna,ninau,nīnau',
    old: 'kahiko,pau,mua aʻe,ʻaʻole kūpono,mamua',
    fresh: 'hou,o kēia manawa',
    time: 'minuke,kekona,hola,lā,pule,mahina,kikoho',
    money: 'kālā,keneka',
    warn: 'mai,ʻaʻole loa,aʻole,kekahi',
    digits:
      'ʻole/ole,ʻekahi/kahi/ekahi,ʻelua/lua/elua,ʻekolu/kolu/ekolu,ʻehā/ha/eha,ʻelima/lima/elima,ʻeono/ono/eono,ʻehiku/hiku/ehiku,ʻewalu/walu/ewalu,ʻeiwa/iwa/eiwa',
  },
  {
    id: 'tpi',
    code: 'kod,kod bilong yu,paswod,namba hait,pin',
    strong:
      'kod bilong sekim,kod bilong strongim,kod bilong sekuriti,kod bilong go insait,kod bilong veripai',
    use: 'putim,yusim,raitim,taipim',
    auth: 'sekim,strongim,go insait,rejista,sekuriti,veripai',
    other:
      'daun prais,kupon,presen,oda,buking,pasel,invois,risit,tiket,balus,pos,popaia,rum,samting,promo',
    ref: 'akaun,kad,mani,balens,total,peimen,namba,kastoma,telepon,prais,yia',
    call: 'ringim,kolim,bekim,salim,toktok',
    old: 'olpela,pinis,bipo,i no wok moa',
    fresh: 'nupela',
    time: 'minit,seken,aua,de,wik,mun,mak',
    money: 'kina,toea,pgk',
    warn: 'noken,no ken,wanpela man,husat,no',
    digits: 'siro/nating,wan,tu,tri,foa/fo,faiv/faip,sikis,seven,et,nain',
  },
]
