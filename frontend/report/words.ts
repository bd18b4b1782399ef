/** What the dialog says itself; guidelines and what is said before come from the API. */

export interface Words {
  language: string;
  dir: "ltr" | "rtl";
  report: string;
  topicTitle: string;
  step: (now: number, of: number) => string;
  back: string;
  close: string;
  loading: string;
  again: string;
  before: string;
  examples: string;
  whenTitle: string;
  whenHint: string;
  position: string;
  play: string;
  pause: string;
  addSecond: string;
  startHere: string;
  endHere: (start: string) => string;
  remove: (moment: string) => string;
  added: (moment: string) => string;
  removed: (moment: string) => string;
  momentsFull: string;
  note: string;
  noteHint: string;
  left: (bytes: number) => string;
  tooLong: (bytes: number) => string;
  isIllegal: string;
  law: string;
  lawHint: string;
  lawMissing: string;
  goodFaith: string;
  goodFaithMissing: string;
  fewViewers: string;
  actAnyway: string;
  send: string;
  sending: string;
  thanks: string;
  received: string;
  receipt: string;
  receiptHint: string;
  copy: string;
  copied: string;
  noHarm: string;
  done: string;
  problem: Record<"ticket" | "offline" | "busy" | "refused", string>;
}

const english: Words = {
  language: "en",
  dir: "ltr",
  report: "Report",
  topicTitle: "What is it about?",
  step: (now, of) => `Step ${now} of ${of}`,
  back: "Back",
  close: "Close",
  loading: "One moment …",
  again: "Try again",
  before: "Before you report",
  examples: "For example",
  whenTitle: "When in the video?",
  whenHint: "If you like, mark the seconds, so that we find them at once.",
  position: "Place in the video",
  play: "Play",
  pause: "Pause",
  addSecond: "Mark this second",
  startHere: "It starts here",
  endHere: (start) => `It ends here (from ${start})`,
  remove: (moment) => `Remove ${moment}`,
  added: (moment) => `${moment} is marked`,
  removed: (moment) => `${moment} is no longer marked`,
  momentsFull: "No more moments can be marked.",
  note: "Anything else we should know?",
  noteHint: "If you like. Do not say who you are.",
  left: (bytes) => `Room for ${bytes} more bytes`,
  tooLong: (bytes) => `Too long by ${bytes} bytes`,
  isIllegal: "I say that this is against the law",
  law: "Which law?",
  lawHint: "Name it as well as you can, and its country.",
  lawMissing: "Name the law.",
  goodFaith: "I believe in good faith that what I say here is right and complete.",
  goodFaithMissing: "A notice needs this.",
  fewViewers:
    "Only a few people have seen this. It could be guessed that it was you, so we do not act on " +
    "reports alone.",
  actAnyway: "Act all the same, even if it may be guessed that it was me",
  send: "Send the report",
  sending: "Sending …",
  thanks: "Thank you",
  received: "We have received your report, and we will look into it.",
  receipt: "Your receipt",
  receiptHint: "With it you can see what has become of your report. Keep it to yourself.",
  copy: "Copy",
  copied: "Copied",
  noHarm: "There is nothing else you need to do. A mistaken report does no harm, to you or to anyone else.",
  done: "Done",
  problem: {
    ticket: "This page has been open for too long. Nothing you typed is lost.",
    offline: "There is no connection. Nothing you typed is lost.",
    busy: "We cannot take it just now. Nothing you typed is lost.",
    refused: "This cannot be taken as it is.",
  },
};

const german: Words = {
  language: "de",
  dir: "ltr",
  report: "Melden",
  topicTitle: "Worum geht es?",
  step: (now, of) => `Schritt ${now} von ${of}`,
  back: "Zurück",
  close: "Schließen",
  loading: "Einen Augenblick …",
  again: "Noch einmal versuchen",
  before: "Bevor du meldest",
  examples: "Zum Beispiel",
  whenTitle: "Wann im Video?",
  whenHint: "Wenn du magst, markiere die Sekunden, damit wir sie gleich finden.",
  position: "Stelle im Video",
  play: "Abspielen",
  pause: "Anhalten",
  addSecond: "Diese Sekunde markieren",
  startHere: "Hier beginnt es",
  endHere: (start) => `Hier endet es (ab ${start})`,
  remove: (moment) => `${moment} entfernen`,
  added: (moment) => `${moment} ist markiert`,
  removed: (moment) => `${moment} ist nicht mehr markiert`,
  momentsFull: "Mehr Stellen lassen sich nicht markieren.",
  note: "Was sollten wir noch wissen?",
  noteHint: "Wenn du magst. Schreibe nicht, wer du bist.",
  left: (bytes) => `Platz für noch ${bytes} Bytes`,
  tooLong: (bytes) => `Um ${bytes} Bytes zu lang`,
  isIllegal: "Ich halte das für rechtswidrig",
  law: "Welches Gesetz?",
  lawHint: "Nenne es, so gut du kannst, und sein Land.",
  lawMissing: "Nenne das Gesetz.",
  goodFaith: "Ich bin in gutem Glauben, dass meine Angaben richtig und vollständig sind.",
  goodFaithMissing: "Ohne das geht es nicht.",
  fewViewers:
    "Nur wenige haben das gesehen. Es ließe sich erraten, dass du es warst; deshalb handeln wir " +
    "nicht allein auf Meldungen hin.",
  actAnyway: "Trotzdem handeln, auch wenn sich erraten lässt, dass ich es war",
  send: "Meldung senden",
  sending: "Wird gesendet …",
  thanks: "Danke",
  received: "Deine Meldung ist eingegangen, und wir gehen ihr nach.",
  receipt: "Dein Beleg",
  receiptHint: "Damit siehst du, was aus deiner Meldung wird. Behalte ihn für dich.",
  copy: "Kopieren",
  copied: "Kopiert",
  noHarm: "Mehr musst du nicht tun. Eine irrtümliche Meldung schadet niemandem.",
  done: "Fertig",
  problem: {
    ticket: "Diese Seite ist zu lange offen. Was du geschrieben hast, ist noch da.",
    offline: "Es gibt keine Verbindung. Was du geschrieben hast, ist noch da.",
    busy: "Gerade können wir sie nicht annehmen. Was du geschrieben hast, ist noch da.",
    refused: "So kann das nicht angenommen werden.",
  },
};

const spanish: Words = {
  language: "es",
  dir: "ltr",
  report: "Denunciar",
  topicTitle: "¿De qué se trata?",
  step: (now, of) => `Paso ${now} de ${of}`,
  back: "Atrás",
  close: "Cerrar",
  loading: "Un momento…",
  again: "Intentar de nuevo",
  before: "Antes de denunciar",
  examples: "Por ejemplo",
  whenTitle: "¿En qué momento del vídeo?",
  whenHint: "Si quieres, marca los segundos para que los encontremos enseguida.",
  position: "Punto del vídeo",
  play: "Reproducir",
  pause: "Pausar",
  addSecond: "Marcar este segundo",
  startHere: "Empieza aquí",
  endHere: (start) => `Termina aquí (desde ${start})`,
  remove: (moment) => `Quitar ${moment}`,
  added: (moment) => `${moment} está marcado`,
  removed: (moment) => `${moment} ya no está marcado`,
  momentsFull: "No se pueden marcar más momentos.",
  note: "¿Hay algo más que debamos saber?",
  noteHint: "Si quieres. No digas quién eres.",
  left: (bytes) => `Quedan ${bytes} bytes`,
  tooLong: (bytes) => `Sobran ${bytes} bytes`,
  isIllegal: "Afirmo que esto es ilegal",
  law: "¿Qué ley?",
  lawHint: "Nómbrala lo mejor que puedas, y su país.",
  lawMissing: "Nombra la ley.",
  goodFaith: "Creo de buena fe que lo que digo aquí es correcto y completo.",
  goodFaithMissing: "Una notificación lo exige.",
  fewViewers:
    "Pocas personas han visto esto. Podría adivinarse que has sido tú, así que no actuamos solo " +
    "por denuncias.",
  actAnyway: "Actuad de todos modos, aunque se pueda adivinar que he sido yo",
  send: "Enviar la denuncia",
  sending: "Enviando…",
  thanks: "Gracias",
  received: "Hemos recibido tu denuncia y vamos a examinarla.",
  receipt: "Tu resguardo",
  receiptHint: "Con él puedes ver qué ha sido de tu denuncia. Guárdalo para ti.",
  copy: "Copiar",
  copied: "Copiado",
  noHarm: "No tienes que hacer nada más. Una denuncia equivocada no hace daño a nadie.",
  done: "Listo",
  problem: {
    ticket: "Esta página lleva demasiado tiempo abierta. No se ha perdido nada de lo escrito.",
    offline: "No hay conexión. No se ha perdido nada de lo escrito.",
    busy: "Ahora mismo no podemos aceptarla. No se ha perdido nada de lo escrito.",
    refused: "Así no se puede aceptar.",
  },
};

const arabic: Words = {
  language: "ar",
  dir: "rtl",
  report: "إبلاغ",
  topicTitle: "ما موضوع البلاغ؟",
  step: (now, of) => `الخطوة ${now} من ${of}`,
  back: "رجوع",
  close: "إغلاق",
  loading: "لحظة من فضلك…",
  again: "حاول مرة أخرى",
  before: "قبل أن تُبلغ",
  examples: "على سبيل المثال",
  whenTitle: "متى في الفيديو؟",
  whenHint: "إن شئت، حدّد الثواني لنجدها على الفور.",
  position: "الموضع في الفيديو",
  play: "تشغيل",
  pause: "إيقاف مؤقت",
  addSecond: "تحديد هذه الثانية",
  startHere: "يبدأ هنا",
  endHere: (start) => `ينتهي هنا (من ${start})`,
  remove: (moment) => `إزالة ${moment}`,
  added: (moment) => `تم تحديد ${moment}`,
  removed: (moment) => `أُلغي تحديد ${moment}`,
  momentsFull: "لا يمكن تحديد مزيد من المواضع.",
  note: "هل هناك شيء آخر ينبغي أن نعرفه؟",
  noteHint: "إن شئت. لا تذكر من أنت.",
  left: (bytes) => `تبقّى متسع لـ ${bytes} بايت`,
  tooLong: (bytes) => `أطول من المسموح بـ ${bytes} بايت`,
  isIllegal: "أقول إن هذا مخالف للقانون",
  law: "أي قانون؟",
  lawHint: "سمِّه قدر ما تستطيع، واذكر بلده.",
  lawMissing: "اذكر القانون.",
  goodFaith: "أعتقد بحسن نية أن ما أقوله هنا صحيح وكامل.",
  goodFaithMissing: "هذا لازم للإشعار.",
  fewViewers: "لم يشاهد هذا إلا القليل. قد يُخمَّن أنك من أبلغ، لذلك لا نتصرف بناءً على البلاغات وحدها.",
  actAnyway: "تصرّفوا رغم ذلك، حتى لو أمكن تخمين أنني من أبلغ",
  send: "إرسال البلاغ",
  sending: "جارٍ الإرسال…",
  thanks: "شكرًا لك",
  received: "وصلنا بلاغك، وسننظر فيه.",
  receipt: "إيصالك",
  receiptHint: "به ترى ما آل إليه بلاغك. احتفظ به لنفسك.",
  copy: "نسخ",
  copied: "تم النسخ",
  noHarm: "لا يلزمك فعل أي شيء آخر. البلاغ الخاطئ لا يضر أحدًا.",
  done: "تم",
  problem: {
    ticket: "هذه الصفحة مفتوحة منذ وقت طويل. لم يضع شيء مما كتبته.",
    offline: "لا يوجد اتصال. لم يضع شيء مما كتبته.",
    busy: "لا يمكننا استلامه الآن. لم يضع شيء مما كتبته.",
    refused: "لا يمكن قبول هذا كما هو.",
  },
};

const ALL = [english, german, spanish, arabic];

/** Return the words for somebody who wants `language`; English stands in. */
export function wordsFor(language: string): Words {
  const wanted = language.toLowerCase().split("-")[0];
  return ALL.find((each) => each.language === wanted) ?? english;
}
