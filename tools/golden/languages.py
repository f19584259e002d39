"""Ordinary sentences of bank customers in many languages, written for this project. Standard library only."""

import random

# Each language says: I lost my card. / When will my transfer arrive? / There is a payment of 12.50 that I do not know. / Thank you!
PHRASES = {
    "ar": ["فقدتُ بطاقتي أمس.", "متى يصل التحويل؟", "هناك دفعة بقيمة ١٢٫٥٠ لا أعرفها.", "شكرًا جزيلًا!"],
    "bg": ["Изгубих картата си вчера.", "Кога ще пристигне преводът ми?", "Има плащане от 12,50 лв., което не познавам.", "Благодаря!"],
    "bn": ["আমি গতকাল আমার কার্ড হারিয়েছি।", "আমার টাকা কখন পৌঁছাবে?", "১২.৫০ টাকার একটি লেনদেন আমি চিনি না।", "ধন্যবাদ!"],
    "ca": ["Ahir vaig perdre la targeta.", "Quan arribarà la transferència?", "Hi ha un pagament de 12,50 € que no reconec; pot ser il·legal.", "Gràcies!"],
    "cs": ["Včera jsem ztratil kartu.", "Kdy přijde můj převod?", "Je tam platba 12,50 Kč, kterou neznám.", "Děkuji!"],
    "cy": ["Collais fy ngherdyn ddoe.", "Pryd fydd fy nhrosglwyddiad yn cyrraedd?", "Mae taliad o £12.50 nad wyf yn ei adnabod.", "Diolch!"],
    "da": ["Jeg mistede mit kort i går.", "Hvornår kommer min overførsel?", "Der er en betaling på 12,50 kr., som jeg ikke kender.", "Tak!"],
    "de": ["Ich habe gestern meine Karte verloren.", "Wann kommt meine Überweisung an?", "Da ist eine Zahlung über 12,50 €, die ich nicht kenne – groß wie der Fuß.", "Danke schön!"],
    "el": ["Έχασα την κάρτα μου χθες.", "Πότε θα φτάσει το έμβασμά μου;", "Υπάρχει μια πληρωμή 12,50 € που δεν αναγνωρίζω.", "Ευχαριστώ!"],
    "en": ["I lost my card yesterday.", "When will my transfer arrive?", "There's a payment of £12.50 that I don't recognise.", "Thank you!"],
    "es": ["Perdí mi tarjeta ayer.", "¿Cuándo llegará mi transferencia?", "Hay un pago de 12,50 € que no reconozco, señor.", "¡Gracias!"],
    "et": ["Kaotasin eile oma kaardi.", "Millal mu ülekanne kohale jõuab?", "Seal on makse 12,50 €, mida ma ei tunne.", "Aitäh!"],
    "fa": ["دیروز کارتم را گم کردم.", "حواله‌ام کی می‌رسد؟", "پرداختی به مبلغ ۱۲٫۵۰ هست که نمی‌شناسم.", "سپاسگزارم!"],
    "fi": ["Kadotin korttini eilen.", "Milloin tilisiirtoni saapuu?", "Tilillä on 12,50 euron maksu, jota en tunnista.", "Kiitos!"],
    "fr": ["J'ai perdu ma carte hier.", "Quand mon virement arrivera-t-il ?", "Il y a un paiement de 12,50 € que je ne reconnais pas : « œuvre ».", "Merci beaucoup !"],
    "ga": ["Chaill mé mo chárta inné.", "Cathain a thiocfaidh m'aistriú?", "Tá íocaíocht de €12.50 ann nach n-aithním.", "Go raibh maith agat!"],
    "gu": ["મેં ગઈકાલે મારું કાર્ડ ગુમાવ્યું.", "મારી રકમ ક્યારે આવશે?", "૧૨.૫૦ ની ચુકવણી હું ઓળખતો નથી.", "આભાર!"],
    "he": ["איבדתי את הכרטיס שלי אתמול.", "מתי תגיע ההעברה שלי?", "יש תשלום של 12.50 ש״ח שאיני מכיר.", "תודה רבה!"],
    "hi": ["मेरा कार्ड कल खो गया।", "मेरा ट्रांसफ़र कब पहुँचेगा?", "₹12.50 का एक भुगतान है जिसे मैं नहीं पहचानता।", "धन्यवाद!"],
    "hr": ["Jučer sam izgubio karticu.", "Kada će stići moja uplata?", "Postoji plaćanje od 12,50 € koje ne prepoznajem.", "Hvala!"],
    "hu": ["Tegnap elvesztettem a kártyámat.", "Mikor érkezik meg az átutalásom?", "Van egy 12,50 eurós fizetés, amit nem ismerek fel.", "Köszönöm!"],
    "hy": ["Երեկ կորցրեցի իմ քարտը։", "Ե՞րբ կհասնի փոխանցումը։", "Կա 12,50 վճարում, որը չեմ ճանաչում։", "Շնորհակալություն։"],
    "id": ["Saya kehilangan kartu kemarin.", "Kapan transfer saya sampai?", "Ada pembayaran Rp12.500 yang tidak saya kenal.", "Terima kasih!"],
    "is": ["Ég týndi kortinu mínu í gær.", "Hvenær kemur millifærslan mín?", "Það er greiðsla upp á 12,50 sem ég þekki ekki.", "Takk fyrir!"],
    "it": ["Ieri ho perso la carta.", "Quando arriverà il mio bonifico?", "C'è un pagamento di 12,50 € che non riconosco: perché?", "Grazie mille!"],
    "ja": ["昨日カードをなくしました。", "振込はいつ届きますか？", "１２５０円の見覚えのない支払いがあります。ﾊﾟｽﾜｰﾄﾞも変えたいです。", "ありがとうございます！"],
    "ka": ["გუშინ ბარათი დავკარგე.", "როდის ჩამოვა ჩემი გადარიცხვა?", "არის 12,50 ლარის გადახდა, რომელსაც არ ვცნობ.", "გმადლობთ!"],
    "kk": ["Кеше картамды жоғалтып алдым.", "Аударымым қашан келеді?", "Мен білмейтін 12,50 теңге төлем бар.", "Рақмет!"],
    "km": ["ខ្ញុំបានបាត់កាតកាលពីម្សិលមិញ។", "តើការផ្ទេរប្រាក់របស់ខ្ញុំមកដល់ពេលណា?", "មានការទូទាត់ $12.50 ដែលខ្ញុំមិនស្គាល់។", "អរគុណ!"],
    "ko": ["어제 카드를 잃어버렸어요.", "이체는 언제 도착하나요?", "모르는 12,500원 결제가 있습니다.", "감사합니다!"],
    "lt": ["Vakar pamečiau kortelę.", "Kada ateis mano pavedimas?", "Yra 12,50 € mokėjimas, kurio neatpažįstu.", "Ačiū!"],
    "lv": ["Vakar pazaudēju savu karti.", "Kad pienāks mans pārskaitījums?", "Ir maksājums 12,50 €, ko es neatpazīstu.", "Paldies!"],
    "mk": ["Вчера ја изгубив картичката.", "Кога ќе пристигне трансферот?", "Има плаќање од 12,50 што не го препознавам.", "Благодарам!"],
    "ml": ["ഇന്നലെ എന്റെ കാർഡ് നഷ്ടപ്പെട്ടു.", "എന്റെ പണം എപ്പോൾ എത്തും?", "എനിക്ക് അറിയാത്ത 12.50 രൂപയുടെ പണമിടപാട് ഉണ്ട്.", "നന്ദി!"],
    "mn": ["Би өчигдөр картаа гээчихлээ.", "Миний шилжүүлэг хэзээ ирэх вэ?", "Миний танихгүй 12,50 төлбөр байна.", "Баярлалаа!"],
    "my": ["မနေ့က ကတ်ပျောက်သွားတယ်။", "ငွေလွှဲ ဘယ်တော့ရောက်မလဲ။", "ကျွန်တော်မသိတဲ့ ၁၂.၅၀ ပေးချေမှုရှိတယ်။", "ကျေးဇူးတင်ပါတယ်။"],
    "ne": ["हिजो मेरो कार्ड हरायो।", "मेरो रकम कहिले आउँछ?", "मैले नचिनेको रु १२.५० को भुक्तानी छ।", "धन्यवाद!"],
    "nl": ["Ik ben gisteren mijn kaart kwijtgeraakt.", "Wanneer komt mijn overschrijving aan?", "Er is een betaling van € 12,50 die ik niet ken; zo'n ĳdele één.", "Dank je wel!"],
    "no": ["Jeg mistet kortet mitt i går.", "Når kommer overføringen min?", "Det er en betaling på 12,50 kr som jeg ikke kjenner igjen.", "Tusen takk!"],
    "pa": ["ਮੇਰਾ ਕਾਰਡ ਕੱਲ੍ਹ ਗੁੰਮ ਹੋ ਗਿਆ।", "ਮੇਰੇ ਪੈਸੇ ਕਦੋਂ ਪਹੁੰਚਣਗੇ?", "₹12.50 ਦਾ ਇੱਕ ਭੁਗਤਾਨ ਹੈ ਜੋ ਮੈਂ ਨਹੀਂ ਪਛਾਣਦਾ।", "ਧੰਨਵਾਦ!"],
    "pl": ["Wczoraj zgubiłem kartę.", "Kiedy dotrze mój przelew?", "Jest płatność na 12,50 zł, której nie rozpoznaję.", "Dziękuję!"],
    "pt": ["Perdi o meu cartão ontem.", "Quando chegará a minha transferência?", "Há um pagamento de 12,50 € que não reconheço.", "Obrigado!"],
    "ro": ["Mi-am pierdut cardul ieri.", "Când ajunge transferul meu?", "Există o plată de 12,50 lei pe care nu o recunosc; țara și orașul lipsesc.", "Mulțumesc!"],
    "ru": ["Вчера я потерял карту.", "Когда придёт мой перевод?", "Есть платёж на 12,50 ₽, которого я не узнаю.", "Спасибо!"],
    "si": ["මගේ කාඩ්පත ඊයේ නැති වුණා.", "මගේ මුදල් කවදා ලැබේද?", "මා නොදන්නා රු. 12.50 ගෙවීමක් තිබේ.", "ස්තූතියි!"],
    "sk": ["Včera som stratil kartu.", "Kedy príde môj prevod?", "Je tam platba 12,50 €, ktorú nepoznám.", "Ďakujem!"],
    "sl": ["Včeraj sem izgubil kartico.", "Kdaj bo prispelo moje nakazilo?", "Tam je plačilo 12,50 €, ki ga ne prepoznam.", "Hvala!"],
    "sr": ["Јуче сам изгубио картицу.", "Када стиже моја уплата?", "Постоји плаћање од 12,50 динара које не препознајем.", "Хвала!"],
    "sv": ["Jag tappade mitt kort i går.", "När kommer min överföring?", "Det finns en betalning på 12,50 kr som jag inte känner igen.", "Tack så mycket!"],
    "sw": ["Nilipoteza kadi yangu jana.", "Uhamisho wangu utafika lini?", "Kuna malipo ya 12.50 ambayo siyatambui.", "Asante sana!"],
    "ta": ["நேற்று என் அட்டையை இழந்தேன்.", "என் பணப் பரிமாற்றம் எப்போது வரும்?", "எனக்குத் தெரியாத ₹12.50 கட்டணம் உள்ளது.", "நன்றி!"],
    "te": ["నిన్న నా కార్డు పోయింది.", "నా బదిలీ ఎప్పుడు వస్తుంది?", "నాకు తెలియని ₹12.50 చెల్లింపు ఉంది.", "ధన్యవాదాలు!"],
    "th": ["เมื่อวานฉันทำบัตรหาย", "เงินโอนของฉันจะมาถึงเมื่อไร", "มีรายการชำระ ๑๒.๕๐ บาทที่ฉันไม่รู้จัก", "ขอบคุณค่ะ"],
    "tr": ["Dün kartımı kaybettim.", "Havalem ne zaman ulaşır?", "Tanımadığım 12,50 ₺ tutarında bir ödeme var. İŞLEM IĞDIR'da yapılmış.", "Teşekkürler!"],
    "uk": ["Учора я загубив картку.", "Коли надійде мій переказ?", "Є платіж на 12,50 ₴, якого я не впізнаю; це ґрунт, їжа?", "Дякую!"],
    "ur": ["کل میرا کارڈ گم ہو گیا۔", "میری رقم کب پہنچے گی؟", "۱۲٫۵۰ کی ایک ادائیگی ہے جسے میں نہیں پہچانتا۔", "شکریہ!"],
    "vi": ["Hôm qua tôi bị mất thẻ.", "Khi nào tiền chuyển của tôi đến?", "Có một khoản thanh toán 12,50 đô mà tôi không nhận ra.", "Cảm ơn bạn!"],
    "zh": ["我昨天把卡弄丢了。", "我的转账什么时候到账？", "有一笔12.50元的付款我不认识。", "谢谢！"],
    "zh-Hant": ["我昨天遺失了信用卡。", "我的轉帳什麼時候會到？", "有一筆12.50元的付款我不認得。", "謝謝！"],
}


def texts(count, seed):
    """`count` texts of one to three sentences: mostly of one language, now and then of two, sometimes shouted."""
    stream = random.Random(seed)
    codes = sorted(PHRASES)
    found = []
    for i in range(count):
        code = codes[i % len(codes)]
        sentences = stream.sample(PHRASES[code], stream.randint(1, 3))
        if stream.random() < 0.2:
            sentences.append(stream.choice(PHRASES[stream.choice(codes)]))
        text = stream.choice([" ", " ", "\n"]).join(sentences)
        found.append(text.upper() if stream.random() < 0.1 else text)
    return found
