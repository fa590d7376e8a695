"""Invented persons of many origins, and how their names come to be written otherwise: to measure look-up honestly.

Nothing here is read from the product: names, their other spellings, their native script and their short forms are
written down apart, as they are met on papers and heard at a desk, and errors are made by rules of their own. One seed
makes one set. Nobody is meant: given and family names are drawn separately, family names in part made of syllables;
telephones are drawn among all numbers, for those kept for fiction are too few: what is filled with them is thrown away.
"""
# ruff: noqa: E501 (lists of names are read in their lines)

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

# A line is one name: how it is mostly written, other ways after it, "@" before its own script, "~" before short forms.
Lines = str


@dataclass(frozen=True)
class Name:
    """One name in all its writings."""

    usual: str
    others: tuple[str, ...] = ()
    native: str = ""
    short: tuple[str, ...] = ()


def _names(lines: Lines) -> tuple[Name, ...]:
    found = []
    for line in lines.strip().split(";"):
        words = line.split()
        plain = [word.replace("_", " ") for word in words if word[0] not in "@~"]
        native = next((word[1:].replace("_", " ") for word in words if word[0] == "@"), "")
        short = tuple(word[1:] for word in words if word[0] == "~")
        found.append(Name(plain[0], tuple(plain[1:]), native, short))
    return tuple(found)


@dataclass(frozen=True)
class Origin:
    """Where names come from. ``syllables`` make family names that are in no list: first, middle, last parts."""

    weight: int
    women: tuple[Name, ...]
    men: tuple[Name, ...]
    families: tuple[Name, ...]
    syllables: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _origin(
    weight: int, women: Lines, men: Lines, families: Lines, first: str, middle: str, last: str
) -> Origin:
    parts = (tuple(first.split()), tuple(middle.split()), tuple(last.split()))
    return Origin(weight, _names(women), _names(men), _names(families), parts)


ORIGINS = (
    _origin(  # the Sahel, the Gulf of Guinea
        24,
        "Fatoumata Fatouma Fatoumatta ~Fatou;Aminata Aminatah ~Ami;Mariama Mariamah;Kadiatou Kadidiatou Khadiatou ~Kadi;"
        "Aïssatou Aissatou Aïssata ~Aïssa;Awa Hawa;Coumba Koumba Kumba;Djeneba Djénéba Jeneba Dieneba;Oumou Umu Omou;"
        "Ramatoulaye Ramata Ramatulai ~Rama;Nana;Assetou Assétou Asseytou;Bintou Binta Bintu;Hadja Adja;Rokia Rokiatou"
        " Roukia;Salimata Salimatou ~Sali;Maïmouna Maimuna Maymouna;Sira Syra;Nafissatou Nafisatou ~Nafi;Penda Painda;"
        "Adama;Korotoumou Korotimi Koroutoumou;Tenin Ténin Tening;Fanta Fantah;Yacine Yassine;Ndeye Ndèye N’Deye",
        "Mamadou Mamadu Mahmadou;Mohamed Mohammed Mouhamed Muhamed;Ibrahima Ibrahim Ibrahimah ~Ibou;Moussa Musa Mousa;"
        "Ousmane Usman Ousman Osmane;Souleymane Soulemane Suleyman Souleimane ~Soule;Abdoulaye Abdullaye Abdulaye ~Abdou;"
        "Boubacar Boubakar Bubacar Aboubacar ~Bouba;Amadou Amadu Hamadou;Oumar Omar Umar Houmar;Bakary Bacary Bakari;Alpha"
        " Alfa;Cheick Cheikh Sheick Seck;Demba Demba;Issa Isa Yssa;Lassana Lansana Lassanah;Seydou Saidou Seidou;Sékou"
        " Sekou Secou;Youssouf Yusuf Youssoufou Yousouf;Yaya Yahya Yahaya;Idrissa Idris Idriss;Modibo Modybo;Thierno Tierno"
        " Cerno;Samba Sambah;Fodé Fode Foday;Kalilou Khalilou Calilou",
        "Diallo Dialo Jallow;Traoré Traore Trawore Trawally;Diarra Diara Jarra;Camara Kamara;Touré Toure Touray;Coulibaly"
        " Koulibaly Coulibali;Keïta Keita Keyta;Konaté Konate Conateh;Bah Ba Mbah;Barry Bari Barri;Sow Soh So;Diakité"
        " Diakite Jakite;Sissoko Cissokho Sissokho Cissoko;Sylla Silla Syla;Koné Kone Konneh;Doumbia Dumbia Doumbya;Fofana"
        " Foffana Fofanah;Cissé Cisse Sisse Ceesay;Diop Diope Jobe;Ndiaye N’Diaye Njie Ndiay;Kouyaté Kouyate Kuyateh;Sidibé"
        " Sidibe Sidibeh;Dembélé Dembele Dembeleh;Sanogo Sanoko;Ouédraogo Ouedraogo Wedraogo;Kaboré Kabore;Sawadogo"
        " Savadogo;Gueye Guèye Gaye;Niang Nyang;Sarr Sar;Kanté Kante Kanteh;Soumaré Soumare Sumareh;Bathily Batchily;Baldé"
        " Balde Baldeh;Magassa Maghassa;Tounkara Tunkara;Bagayoko Bagayogo;Yattara Yatara;Kourouma Kuruma;Soumah Suma",
        "Ba Ka Ma Sa Di Dou Ko Ki Na Sou Ta Tou Wa Ya Fo Gan Man San Son Ban Kan Kou Lou Mou Nou Zon Bou Sé Dé Té Nia Ka",
        "ra la ma na ri li mi ka bi di sso kou lou mou da ga ssa nga ndi ta fa",
        "ré té né ga go ba la ma ra ko ya gou dou lé mbé ssé nté kité yoko sso wa",
    ),
    _origin(  # the Maghreb, Egypt, the Levant, Sudan
        20,
        "Fatima Fatma Fatimah Fatema @فاطمة;Khadija Khadidja Hadija Kadija @خديجة;Aïcha Aicha Aisha Ayisha @عائشة;Zineb"
        " Zeinab Zaynab Zainab @زينب;Samira Samirah Sameera @سميرة;Nadia Nadya Nadiya @نادية;Karima Karimah Kareema @كريمة;"
        "Malika Malikah Maleka @مليكة;Rachida Rashida Rachidah @رشيدة;Naïma Naima Naeema @نعيمة;Houria Houriya Huria @حورية;"
        "Latifa Lateefa Latifah @لطيفة;Meriem Maryam Mariem Miriam @مريم;Amel Amal Aml @أمل;Souad Suad Souaad @سعاد;Yamina"
        " Yameena @يمينة;Djamila Jamila Gamila @جميلة;Hanane Hanan Hanen @حنان;Soraya Souraya Thoraya @ثريا;Leïla Leila Layla"
        " Laila @ليلى;Salma Selma @سلمى;Ghizlane Ghizlan Rizlane @غزلان",
        "Mohamed Mohammed Muhammad Mohamad @محمد ~Momo;Ahmed Ahmad Hamed @أحمد;Ali Aly @علي;Youssef Yousef Yusuf Youcef"
        " @يوسف;Abdelkader Abd_El_Kader Abdelqader Abdulkader @عبد_القادر ~Kader;Abderrahmane Abdurrahman Abderrahman"
        " Abd_Errahmane @عبد_الرحمن;Karim Kareem Krim @كريم;Rachid Rashid Rachide @رشيد;Hassan Hasan Hacene @حسن;Hussein"
        " Hocine Houssine Husain @حسين;Mustapha Mustafa Moustapha Mostafa @مصطفى;Khaled Khalid Haled @خالد;Noureddine"
        " Nour_Eddine Nouredine Nuruddin @نور_الدين;Saïd Said Saeed @سعيد;Omar Omer Amar @عمر;Brahim Ibrahim Ebrahim @إبراهيم;"
        "Samir Sameer @سمير;Tarek Tariq Tarik @طارق;Bilal Bilel Belal @بلال;Yacine Yassine Yasin @ياسين;Mourad Murad Morad"
        " @مراد;Redouane Redwan Ridouane @رضوان",
        "Benali Ben_Ali Benaly @بن_علي;Bouazza Bouaza Buazza @بوعزة;Haddad Hadad @حداد;Mansouri Mansoury Mansuri @منصوري;"
        "Belkacem Belkasem Bel_Kacem @بلقاسم;Saïdi Saidi Saeedi @سعيدي;Khelifi Khlifi Khalifi @خليفي;Bouzid Bouzide Buzid"
        " @بوزيد;Amrani Amrany El_Amrani @عمراني;Cherif Sherif Chérif @شريف;Zerrouki Zerouki Zeroki @زروقي;Boukhari Bukhari"
        " Boukari @بخاري;Tazi Tazy @تازي;Ouali Wali Oualy @والي;Slimani Slimany Sulaimani @سليماني;Ben_Youssef Benyoussef"
        " Benyoucef @بن_يوسف;Hamdi Hamdy @حمدي;Guerroudj Gueroudj Guerrouj @قروج;Ziani Ziany Zyani @زياني;Mebarki Mbarki"
        " Moubaraki @مباركي;Touati Touaty Tuati @تواتي;Lahlou Lahlu Lehlou @لحلو;Bensaïd Bensaid Ben_Said @بن_سعيد;Fassi Fasi"
        " El_Fassi @فاسي;Rahmani Rahmany @رحماني;Kaddour Kadour Qaddour @قدور;Jabri Djabri Jaberi @جابري",
        "Ben Bou El Bel Ham Kha Ma Sa Ra Za Ta Mou Gha Bra Cha Da Dja Fer Guer Has Ka La Me Na Oua Sli Tou Zer",
        "mah hal ra la ssa za ka mi dou rou ha kha da ne she bi ja li ma se ki",
        "ni ri di ti mi ki fi oui ar ane oum oud id al if ane ouche oua dji",
    ),
    _origin(  # Ukraine, Russia, Belarus, Central Asia in Cyrillic
        13,
        "Olena Elena Helena Yelena @Олена ~Lena;Oksana Oxana Ksana @Оксана;Natalia Nataliya Nataliia Natalya @Наталія ~Natasha;"
        "Iryna Irina Irena @Ірина ~Ira;Tetiana Tatiana Tetyana Tatyana @Тетяна ~Tania;Svitlana Svetlana Svitlanna @Світлана"
        " ~Sveta;Kateryna Ekaterina Katerina Yekaterina @Катерина ~Katia;Yuliia Yulia Julia Iuliia @Юлія;Olha Olga Olya"
        " @Ольга;Anastasiia Anastasia Anastasiya @Анастасія ~Nastia;Liudmyla Lyudmila Ludmila Lioudmila @Людмила ~Luda;Halyna"
        " Galina Galyna @Галина;Mariia Maria Mariya @Марія;Viktoriia Victoria Viktoria @Вікторія ~Vika;Valentyna Valentina"
        " @Валентина;Zhanna Janna Jeanna @Жанна;Nadiia Nadia Nadejda Nadezhda @Надія;Larysa Larissa Larisa @Лариса",
        "Oleksandr Alexandre Aleksandr Alexander @Олександр ~Sacha;Serhii Sergei Sergiy Sergey @Сергій;Andrii Andrei Andriy"
        " Andrey @Андрій;Volodymyr Vladimir Volodimir @Володимир ~Vova;Mykola Nikolai Mikola Nikolay @Микола;Dmytro Dmitri"
        " Dmitriy Dimitri @Дмитро ~Dima;Yurii Yuri Iouri Yuriy @Юрій;Ivan Iwan @Іван ~Vania;Oleh Oleg @Олег;Petro Piotr Petr"
        " @Петро;Vasyl Vassili Vasil Vasily @Василь;Bohdan Bogdan @Богдан;Mykhailo Mikhail Mihailo @Михайло ~Misha;Ruslan"
        " Rouslan @Руслан;Yevhen Evgeni Yevgeny Evgueni @Євген ~Jenia;Maksym Maxim Maksim @Максим;Timur Timour @Тимур",
        "Shevchenko Chevtchenko Schewtschenko @Шевченко;Kovalenko Kowalenko Covalenco @Коваленко;Bondarenko Bondarenco"
        " @Бондаренко;Tkachenko Tkatchenko @Ткаченко;Kravchenko Kravtchenko @Кравченко;Melnyk Melnik @Мельник;Shcherbak"
        " Chtcherbak Scherbak @Щербак;Lysenko Lyssenko Lisenko @Лисенко;Petrenko Petrenco @Петренко;Savchenko Savtchenko"
        " @Савченко;Rudenko Roudenko @Руденко;Ivanova Iwanowa @Іванова;Moroz Moroze @Мороз;Ponomarenko Ponomarenco"
        " @Пономаренко;Zhukov Joukov Jukov @Жуков;Kharchenko Khartchenko Harchenko @Харченко;Yakovenko Iakovenko @Яковенко;"
        "Hryhorenko Grigorenko @Григоренко;Marchuk Martchouk @Марчук;Tsymbaliuk Tsimbalyuk @Цимбалюк;Honchar Gontchar"
        " Gonchar @Гончар;Polishchuk Polichtchouk @Поліщук;Abdullaev Abdoullaev @Абдуллаев;Nazarov Nazaroff @Назаров",
        "Kova Bonda Hry Mosk Pryk Sav Tur Voro Zabo Dov Luk Mak Ster Bila Cher Krav Lev Mir Nov Osta Pan Rom Sol Step Yur"
        " Hor Dub Kuz Pol Skor Tkach Vas Zin Bar Fed",
        "li ne ry che ko va no my da hu ra sti vy do",
        "enko chuk sky uk yk ko ov ova yshyn iuk ych nko skyi",
    ),
    _origin(  # Georgia, Armenia
        5,
        "Nino Nina @ნინო;Tamar Thamar Tamari @თამარ ~Tako;Mariam Mariami Maryam @მარიამ;Ketevan Kethevan Qetevan @ქეთევან ~Keti;"
        "Lela Leyla @ლელა;Natia Nathia @ნათია;Khatuna Hatuna Khatouna @ხათუნა;Manana Mananna @მანანა;Eka Ekaterine @ეკა;Maia Maya"
        " @მაია;Anahit Anait Anahid @Անահիտ;Gayane Gaiane @Գայանե;Hasmik Asmik @Հասմիկ;Lusine Loussine @Լուսինե",
        "Giorgi Georgi Guiorgui @გიორგი ~Gio;Davit David Daviti @დავით ~Dato;Levan Lévan @ლევან;Zurab Zourab @ზურაბ;Irakli Heracli"
        " @ირაკლი;Nikoloz Nikolos @ნიკოლოზ ~Nika;Shota Chota @შოთა;Zaza Zaaza @ზაზა;Guram Gouram @გურამ;Vakhtang Vahtang @ვახტანგ;"
        "Armen Armene @Արմեն;Hayk Haik @Հայկ;Karen Garen @Կարեն;Tigran Dikran @Տիգրան",
        "Beridze Beridzé @ბერიძე;Kapanadze Qapanadze @კაპანაძე;Gelashvili Guelachvili @გელაშვილი;Maisuradze Maissouradze @მაისურაძე;"
        "Lomidze Lomidzé @ლომიძე;Tsiklauri Tsiklaouri @წიკლაური;Kvaratskhelia Kvaratsxelia @კვარაცხელია;Mchedlishvili"
        " Mtchedlichvili @მჭედლიშვილი;Giorgadze Guiorgadze @გიორგაძე;Jikia Djikia @ჯიქია;Chkheidze Tchkheidze @ჩხეიძე;Harutyunyan"
        " Haroutiounian Arutyunyan @Հարությունյան;Sargsyan Sarkissian Sarkisyan @Սարգսյան;Grigoryan Grigorian Krikorian @Գրիգորյան",
        "Ga Bar Chi Do Gog Jan Ka Kvi La Ma Na Ok Pa Ro Shen Ta Tse Va Za Zhor Kha Me",
        "li ra na ko be ga ri vi do tsi me la",
        "shvili dze ia ava uri iani ashvili adze yan",
    ),
    _origin(  # Sri Lanka, Bangladesh, India, Pakistan
        9,
        "Lakshmi Laxmi Lachmi @லட்சுமி;Priya Prya Preeya @பிரியா;Saraswathi Sarasvati Saraswaty @சரஸ்வதி;Kavitha Kavita Cavitha"
        " @கவிதா;Rani Ranee @ராணி;Meena Mina @மீனா;Anjali Anjaly Andjali;Sumathi Soumathi Sumati @சுமதி;Nasrin Nasreen Nasrine"
        " @নাসরিন;Fatema Fatima Fatima_Begum @ফাতেমা;Rokeya Rokaya Rukeya @রোকেয়া;Shirin Chirine Shireen @শিরিন;Rehana Rehanna"
        " Rihana;Sultana Sultanah @সুলতানা;Taslima Tasleema @তসলিমা",
        "Murugan Mourougan Murukan @முருகன்;Siva Shiva Chiva @சிவா;Rajendran Radjendran Rajendiran @ராஜேந்திரன்;Kumar Coumar Kumaar"
        " @குமார்;Suresh Sourech Sures @சுரேஷ்;Ramesh Ramech @ரமேஷ்;Ganesh Ganech Kanesh @கணேஷ்;Selvam Celvam @செல்வம்;Abdul Abdoul @আব্দুল;"
        "Rahim Raheem @রহিম;Karim Kareem @করিম;Jamal Djamal @জামাল;Shahin Chahine Shaheen @শাহিন;Imran Emran @ইমরান;Nasir"
        " Nassir Naseer;Harpreet Harprit;Gurpreet Gourprit",
        "Sivakumar Sivacoumar Shivakumar;Ramasamy Ramassamy Ramaswamy;Subramaniam Soupramanien Subramanyam;Nadarajah"
        " Nadaradja Natarajah;Thevarajah Devarajah Tevaraja;Balasingham Balasingam;Ponnambalam Ponambalam;Krishnan"
        " Kirouchenan Krishnen;Hossain Hussain Hossein;Rahman Rahaman Rohman;Uddin Oudin Uddine;Chowdhury Choudhury"
        " Chaudhry;Begum Begom Begam;Akter Aktar Akhter;Miah Mia Miya;Sarkar Sarker Shorkar;Singh Sing;Kaur Kor Cour;Ahmed"
        " Ahmad;Khan Kan;Iqbal Ikbal;Malik Malick;Islam Eslam",
        "Tha Ra Su Ma Va Ba Ka Na Se Pu Jeya Kana Vija Yoga Mani Guna Siva Para Nithi Aru Shan Chel",
        "ra na la sin ku va thi ma ga rat ne",
        "nathan rajah kumar lingam pillai samy eswaran moorthy der khar dar rasa",
    ),
    _origin(  # Afghanistan, Iran, Turkey, Kurds
        9,
        "Zahra Zohra Zahrah @زهرا;Maryam Mariam Meryem @مریم;Fereshta Fereshteh Freshta @فرشته;Shukria Choukria Shokria @شکریه;"
        "Parwin Parvin Parween @پروین;Nilofar Niloofar Nilufer @نیلوفر;Masouma Masoumeh Massooma @معصومه;Golnaz Gulnaz @گلناز;"
        "Ayşe Ayse Aiche Aysha;Emine Amine Emina;Hatice Hatidje Khadije;Zeynep Zeyneb Zainep;Elif Elife;Gülsüm Gulsum"
        " Gulsoum;Rojin Rojine;Soraya Suraya @ثریا",
        "Ahmad Ahmed Ahmet @احمد;Mohammad Mohamad Mehmet @محمد;Najibullah Najib_Ullah Nadjiboullah @نجیب_الله ~Najib;Habibullah"
        " Habiboullah Habib_Ullah @حبیب_الله ~Habib;Rahmatullah Rahmatoullah Rahmat_Ullah @رحمت_الله;Reza Riza @رضا;Hossein"
        " Hussain Huseyin @حسین;Jawad Javad Djawad @جواد;Farid Fareed @فرید;Nasir Naser Nassir @ناصر;Mustafa Mostafa @مصطفی;Esmat"
        " Ismat @عصمت;Yusuf Yousof Youssouf;Murat Mourat Mourad;Hüseyin Huseyin Hussein;Şükrü Sukru Choukru;Çetin Cetin"
        " Tchetin;Baran Barane",
        "Ahmadi Ahmady @احمدی;Hosseini Hussaini Hoseini @حسینی;Rezai Rezaie Rezaei @رضایی;Karimi Kareemi Karimy @کریمی;Noori Nouri"
        " Nuri @نوری;Sharifi Sharify Charifi @شریفی;Haidari Heydari Haydari @حیدری;Safi Saffi Safy @صافی;Stanikzai Stanekzai"
        " @ستانکزی;Yılmaz Yilmaz Ilmaz;Kaya Caya;Demir Demire;Şahin Sahin Chahin;Çelik Celik Tchelik;Yıldız Yildiz Ildiz;"
        "Özdemir Ozdemir Oezdemir;Arslan Aslan;Doğan Dogan;Kılıç Kilic Kilitch;Aydın Aydin Aidin;Popal Poopal;Wardak Vardak",
        "Mo Ah Ra Ha Ka Na Za Sa Gho Shi Ya Tor Oz Kara Ak Bay Gun Er Yil Tas Bal Sher Zam Far Ami",
        "ha ri ma na ka la ba di sa ya gu ta",
        "zai zada yar i oglu er maz can tas kan demir oghli pour nejad",
    ),
    _origin(  # Viet Nam, China, Cambodia
        7,
        "Thị_Lan Thi_Lan;Thị_Hồng Thi_Hong;Thị_Mai Thi_Mai;Minh_Anh Minhanh;Thu_Hà Thu_Ha;Ngọc_Ánh Ngoc_Anh;Phương Phuong Fuong;"
        "Fang Fong @芳;Xiaoling Xiao_Ling @小玲;Mei May @梅;Lihua Li_Hua @丽华;Yanping Yan_Ping @燕平;Sophea Sopheah;Sreymom"
        " Srey_Mom;Bopha Bopa",
        "Văn_Hùng Van_Hung;Văn_Nam Van_Nam;Đức Duc Duk;Quang_Minh Quangminh;Tuấn Tuan Touan;Hữu_Phước Huu_Phuoc;Wei Way @伟;"
        "Jianguo Jian_Guo @建国;Xiaolong Xiao_Long @小龙;Zhiqiang Zhi_Qiang @志强;Haitao Hai_Tao @海涛;Sokha Soka;Vuthy Vouthy;Rithy"
        " Rithi",
        "Nguyễn Nguyen Nguyên;Trần Tran;Lê Le;Phạm Pham;Hoàng Hoang Huynh;Đặng Dang;Bùi Bui;Đỗ Do;Võ Vo Vu;Wang Wong @王;Li Lee"
        " @李;Zhang Chang @张;Chen Chan @陈;Liu Liou @刘;Yang Young @杨;Zhao Chao @赵;Wu Woo @吴;Zhou Chou @周;Lin Lim @林;Chea Chia;Sok"
        " Sock;Keo Kéo",
        "Chang Dao Hai Khan Lam Mao Ngo Ou Phan Quach Son Tang Ung Van Xu Yin Zheng Chhim Heng Kim Leng Meas Nhem Pich",
        "- ",
        "da li mei nam hong phuc tai wei xin ying thy rith sak chey dany phal",
    ),
    _origin(  # France, Romania, Portugal, Spain, Latin America, Haiti
        13,
        "Marie Mari ~Mimi;Catherine Katherine Cathérine ~Cathy;Nathalie Natalie ~Nath;Isabelle Isabel ~Isa;Sylvie Silvie;Martine"
        " Martyne;Françoise Francoise;Christine Kristine ~Chris;Véronique Veronique ~Véro;Sandrine Sandryne;Stéphanie Stephanie"
        " ~Steph;Maria_José Marie_José;Ana_Paula Anna_Paula;Conceição Conceicao Conceissao;Guadalupe Guadaloupe ~Lupe;Elena"
        " Helena Eléna;Ioana Joana Yoana;Mihaela Mihaëla Michaela;Rosemene Rose-Mène Rosemène;Jocelyne Joceline Josseline",
        "Jean Jan;Michel Mishel;Philippe Philipe Filip ~Phil;Alain Allain;Jean-Pierre Jean_Pierre Jeanpierre;Christophe"
        " Cristophe Kristof ~Chris;Stéphane Stephane ~Steph;Frédéric Frederic Frédérick ~Fred;Jérôme Jerome Gerome;Thierry"
        " Thiery;João Joao Juao;José Jose Joze ~Zé;Francisco Fransisco ~Paco;Luis Luís Louis;Carlos Carlo;Ion Yon;Gheorghe"
        " George Georghe;Vasile Vassile;Wilner Willner;Jean-Baptiste Jean_Baptiste Janbatis",
        "Martin Martain;Bernard Bernar;Dubois Duboy Du_Bois;Lefebvre Lefèvre Lefebre Lefevre;Moreau Moro Moreaux;Petit Peti;"
        "Rousseau Rouseau Roussot;Le_Goff Legoff Le_Gof;Gauthier Gautier Gotier;Da_Silva Dasilva Da_Sylva;Ferreira Fereira"
        " Ferrera;Pereira Perreira Perera;dos_Santos Dos_Santos Dossantos;Gonçalves Goncalves Gonsalves;García Garcia Garsia;"
        "Rodríguez Rodriguez Rodrigues;Fernández Fernandez Fernandes;Popescu Popesco;Ionescu Yonescu Jonesco;Munteanu"
        " Mounteanu;Pierre-Louis Pierrelouis Pierre_Louis;Desrosiers Derosier Desrosier;Charles Charle;Toussaint Tousaint",
        "Bar Bou Cha Del Du For Gar Gui Lam Le Mar Mon Par Per Re Ro San Ta Va Vi Mor Cas Pin Fon Mou Gon Cos",
        "be che di fe la li ma ne ra ri se te va",
        "nard ault eau ier et ot el escu ez eira es on and ert ac ec in ard iu",
    ),
)
_COMMUNES = """
Paris 18e,Paris 19e,Paris 20e,Saint-Denis,Aubervilliers,Montreuil,Bobigny,Pantin,Saint-Ouen,Stains,Sarcelles,
Argenteuil,Nanterre,Gennevilliers,Créteil,Vitry-sur-Seine,Ivry-sur-Seine,Évry,Grigny,Marseille,Vaulx-en-Velin,
Villeurbanne,Lyon,Roubaix,Lille,Tourcoing,Bordeaux,Toulouse,Strasbourg,Nantes,Rennes,Saint-Étienne,Le Havre,
Montpellier,Nice,Grenoble
"""
COMMUNES = [name for line in _COMMUNES.split("\n") for name in line.split(",") if name]


@dataclass(frozen=True)
class Invented:
    """A person. ``given`` and ``family`` are her names in all their writings; ``is_native`` is how they are written."""

    number: int
    given: Name
    family: Name
    is_native: bool
    year: int | None
    is_about: bool
    day: str
    phone: str
    commune: str

    @property
    def written_given(self) -> str:
        return self.given.native if self.is_native and self.given.native else self.given.usual

    @property
    def written_family(self) -> str:
        return self.family.native if self.is_native and self.family.native else self.family.usual


class Inventor:
    """Draws persons, one seed one sequence."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.number = 0
        self.households: list[Invented] = []

    def _one_of(self, names: tuple[Name, ...]) -> Name:
        """Those written first are borne by more: of 300,000, about one in 4,000 has the most common pair of names."""
        return self.rng.choices(names, [(rank + 8) ** -0.7 for rank in range(len(names))])[0]

    def _made(self, origin: Origin, middles: tuple[int, ...]) -> Name:
        first, middle, last = origin.syllables
        parts = [self.rng.choice(first)]
        parts += [self.rng.choice(middle) for _ in range(self.rng.choice(middles))]
        made = "".join([*parts, self.rng.choice(last)]).replace("-", "").replace(" ", "").capitalize()
        return Name(made, tuple(_heard_otherwise(self.rng, made) for _ in range(2)))

    def _family(self, origin: Origin) -> Name:
        return self._one_of(origin.families) if self.rng.random() < 0.5 else self._made(origin, (0, 1, 1, 2))

    def _given(self, origin: Origin) -> Name:
        names = origin.women if self.rng.random() < 0.52 else origin.men
        drawn = self.rng.random()
        if drawn < 0.12:
            return self._made(origin, (0, 0, 1))
        if drawn < 0.27:
            # Two given names, both said.
            one, other = self._one_of(names), self._one_of(names)
            others = tuple(f"{each} {other.usual}" for each in one.others)
            native = f"{one.native} {other.native}" if one.native and other.native else ""
            return Name(f"{one.usual} {other.usual}", others, native, one.short)
        return self._one_of(names)

    def person(self) -> Invented:
        """One more."""
        rng = self.rng
        self.number += 1
        origin = rng.choices(ORIGINS, [each.weight for each in ORIGINS])[0]
        given = self._given(origin)
        year = min(2008, max(1935, int(rng.gauss(1984, 14))))
        known = rng.random()
        # Many have no day on their papers: the first of January stands there.
        day = "01-01" if rng.random() < 0.15 else f"{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        one = Invented(
            number=self.number,
            given=given,
            family=self._family(origin),
            is_native=rng.random() < 0.08,
            year=year if known > 0.05 else None,
            is_about=0.05 < known < 0.15,
            day=day if known > 0.4 else "",
            phone=f"+33{rng.choice('67')}{rng.randint(0, 99_999_999):08d}" if rng.random() < 0.75 else "",
            commune=rng.choice(COMMUNES) if rng.random() < 0.8 else "",
        )
        if rng.random() < 0.06 and self.households:
            # Someone of a household that is known already: one telephone, mostly one family name.
            other = rng.choice(self.households)
            family = other.family if rng.random() < 0.6 else one.family
            one = replace(one, phone=other.phone, family=family, commune=other.commune)
            if rng.random() < 0.4:
                self.households.remove(other)
        if one.phone and rng.random() < 0.05:
            self.households.append(one)
        return one

    def persons(self, count: int) -> Iterator[Invented]:
        """So many."""
        for _ in range(count):
            yield self.person()


# ---------- how it comes to be written otherwise ----------
_HEARD = (
    ("ou", "u"), ("u", "ou"), ("y", "i"), ("i", "y"), ("k", "c"), ("c", "k"), ("ss", "s"), ("s", "ss"), ("é", "e"),
    ("ch", "sh"), ("sh", "ch"), ("dj", "j"), ("j", "dj"), ("ph", "f"), ("v", "w"), ("w", "v"), ("ll", "l"), ("rr", "r"),
    ("tt", "t"), ("a", "ah"), ("eau", "o"), ("kh", "h"), ("q", "k"), ("z", "s"), ("th", "t"), ("nn", "n"), ("ei", "ai"),
)  # fmt: skip
_BESIDE = {
    "a": "qzs", "z": "aes", "e": "zrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl", "p": "om",
    "q": "asw", "s": "qdz", "d": "sfe", "f": "dgr", "g": "fht", "h": "gjy", "j": "hku", "k": "jli", "l": "kmo", "m": "lp",
    "w": "xq", "x": "wc", "c": "xv", "v": "cb", "b": "vn", "n": "bh",
}  # fmt: skip


def _heard_otherwise(rng: random.Random, word: str) -> str:
    """As another ear writes it."""
    places = [(one, other) for one, other in _HEARD if one in word.lower()]
    if not places:
        return word
    one, other = rng.choice(places)
    at = word.lower().index(one)
    return (word[:at] + other + word[at + len(one) :]).capitalize()


def _slip(rng: random.Random, word: str) -> str:
    """A letter beside it on the keyboard, one forgotten, one twice, two exchanged."""
    if len(word) < 3:
        return word
    at = rng.randrange(1 if rng.random() < 0.85 else 0, len(word))
    kind = rng.choice(("beside", "gone", "twice", "exchanged"))
    if kind == "beside":
        return word[:at] + rng.choice(_BESIDE.get(word[at].lower(), "aeinrst")) + word[at + 1 :]
    if kind == "gone":
        return word[:at] + word[at + 1 :]
    if kind == "twice":
        return word[:at] + word[at] + word[at:]
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


@dataclass(frozen=True)
class Question:
    """What someone types of a person who is in the base, and how it differs from what is written there."""

    kind: str
    text: str
    person: Invented


@dataclass(frozen=True)
class Entry:
    """What is entered: given and family name, year, day, phone, commune. ``of`` is who it is, if she is there already."""

    kind: str
    given: str
    family: str
    year: int | None
    is_about: bool
    day: str
    phone: str
    commune: str
    of: int | None = None


# Each kind of error with its own rate, of a hundred questions.
RATES = {
    "as written": 14,
    "no accent, no capital": 10,
    "other spelling": 16,
    "one slip": 14,
    "a slip in each name": 5,
    "names exchanged": 8,
    "other script": 8,
    "short form": 5,
    "one of her names, with the day or the commune": 5,
    "in one word, or in two": 3,
    "phone with a digit wrong": 5,
    "phone alone": 4,
    "other spelling and year about": 3,
}


def _spelled(rng: random.Random, name: Name, written: str) -> str:
    others = [each for each in (name.usual, *name.others) if each != written]
    return rng.choice(others) if others else _heard_otherwise(rng, written)


def _phone(number: str) -> str:
    return "0" + number[3:]


def _wrong_digit(rng: random.Random, number: str) -> str:
    digits = _phone(number)
    at = rng.randrange(2, len(digits))
    return digits[:at] + rng.choice([each for each in "0123456789" if each != digits[at]]) + digits[at + 1 :]


def _more(rng: random.Random, person: Invented, *, exact: bool = False) -> str:
    """What is said beside a name: mostly her year, often where she lives too; else her telephone."""
    said = []
    if person.year is not None and (exact or rng.random() < 0.85):
        said.append(str(person.year))
    if person.commune and (not said or rng.random() < 0.4):
        said.append(person.commune)
    if not said and person.phone:
        said.append(_phone(person.phone))
    return "".join(f" {each}" for each in said)


def question(rng: random.Random, person: Invented, kind: str) -> Question | None:
    """What is typed of her with this kind of error; ``None`` when it cannot befall her."""
    given, family = person.written_given, person.written_family
    text = ""
    if kind == "as written":
        text = f"{given} {family}{_more(rng, person)}"
    elif kind == "no accent, no capital":
        text = f"{_bare(given)} {_bare(family)}{_more(rng, person)}"
    elif kind == "other spelling":
        given = _spelled(rng, person.given, given)
        family = _spelled(rng, person.family, family) if rng.random() < 0.5 else family
        text = f"{given} {family}{_more(rng, person, exact=True)}"
    elif kind == "one slip":
        if rng.random() < 0.5:
            given = _slip(rng, given)
        else:
            family = _slip(rng, family)
        text = f"{given} {family}{_more(rng, person, exact=True)}"
    elif kind == "a slip in each name":
        text = f"{_slip(rng, given)} {_slip(rng, family)}{_more(rng, person, exact=True)}"
    elif kind == "names exchanged":
        text = f"{family} {given}{_more(rng, person)}"
    elif kind == "other script":
        if not person.given.native or not person.family.native:
            return None
        other = replace(person, is_native=not person.is_native)
        text = f"{other.written_given} {other.written_family}{_more(rng, person, exact=True)}"
    elif kind == "short form":
        if not person.given.short:
            return None
        text = f"{rng.choice(person.given.short)} {family}{_more(rng, person, exact=True)}"
    elif kind == "one of her names, with the day or the commune":
        if not (person.day and person.commune):
            return None
        day = "/".join(reversed(f"{person.year}-{person.day}".split("-")))
        text = f"{given} {day}" if rng.random() < 0.5 else f"{family} {person.commune} {person.year}"
    elif kind == "in one word, or in two":
        whole = f"{given} {family}"
        if " " not in given and "-" not in given and " " not in family and "-" not in family:
            return None
        text = f"{given.replace(' ', '').replace('-', '')} {family.replace(' ', '').replace('-', '')}"
        text = f"{text if text != whole else whole}{_more(rng, person, exact=True)}"
    elif kind == "phone with a digit wrong":
        if not person.phone:
            return None
        text = f"{given} {_wrong_digit(rng, person.phone)}"
    elif kind == "phone alone":
        if not person.phone:
            return None
        text = _phone(person.phone)
    elif kind == "other spelling and year about":
        if person.year is None:
            return None
        given = _spelled(rng, person.given, given)
        text = f"{given} {family} vers {person.year + rng.choice((-1, 0, 1))}"
    return Question(kind, text, person)


def _bare(text: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return plain.replace("’", "").lower()


def questions(rng: random.Random, persons: list[Invented], count: int) -> Iterator[Question]:
    """So many, each kind at its own rate."""
    kinds = list(RATES)
    while count:
        asked = question(rng, rng.choice(persons), rng.choices(kinds, [RATES[kind] for kind in kinds])[0])
        if asked is not None:
            count -= 1
            yield asked


def entry_of(rng: random.Random, person: Invented, kind: str) -> Entry:
    """Someone is entered: ``new`` as she is, ``again`` as someone who is there already says it another day."""
    given, family, year, about, day = (
        person.written_given, person.written_family, person.year, person.is_about, person.day,
    )  # fmt: skip
    phone, commune = person.phone, person.commune
    if kind == "again":
        drawn = rng.random()
        if drawn < 0.35:
            given = _spelled(rng, person.given, given)
        elif drawn < 0.6:
            family = _slip(rng, family)
        elif drawn < 0.7:
            given, family = family, given
        elif drawn < 0.8:
            given = _slip(rng, given)
        if rng.random() < 0.3:
            day = ""
        if rng.random() < 0.1:
            about, day = True, ""
            year = year + rng.choice((-1, 0, 1)) if year is not None else None
        if rng.random() < 0.3:
            phone = ""
        elif phone and rng.random() < 0.2:
            phone = f"+33{_wrong_digit(rng, phone)[1:]}"
        if rng.random() < 0.3:
            commune = ""
    return Entry(
        kind, given, family, year, about, day, phone, commune, person.number if kind == "again" else None
    )


# A person who has a file is entered again: each kind of error with its own rate, of a hundred second files.
AGAIN_RATES = {
    "as written": 8,
    "no accent, no capital": 7,
    "other spelling": 14,
    "one slip": 12,
    "a slip in each name": 6,
    "names exchanged": 7,
    "other script": 8,
    "short form": 6,
    "in one word, or in two": 4,
    "one of two given names": 4,
    "another family name": 5,
    "year about": 4,
    "a digit of the day wrong": 3,
    "day and month exchanged": 3,
    "several at once": 9,
}


def entered_again(rng: random.Random, person: Invented, kind: str) -> Entry | None:
    """The second file of someone, with this kind of error; ``None`` when it cannot befall her.

    Whatever the error, a part of what stood in the first file is not said: the day, the telephone, the commune; some
    have another telephone by then.
    """
    if kind == "several at once":
        return replace(entry_of(rng, person, "again"), kind=kind)
    given, family, year, about, day = (
        person.written_given, person.written_family, person.year, person.is_about, person.day,
    )  # fmt: skip
    if kind == "no accent, no capital":
        given, family = _bare(given), _bare(family)
    elif kind == "other spelling":
        given = _spelled(rng, person.given, given)
        family = _spelled(rng, person.family, family) if rng.random() < 0.5 else family
    elif kind == "one slip":
        given, family = (_slip(rng, given), family) if rng.random() < 0.5 else (given, _slip(rng, family))
    elif kind == "a slip in each name":
        given, family = _slip(rng, given), _slip(rng, family)
    elif kind == "names exchanged":
        given, family = family, given
    elif kind == "other script":
        if not person.given.native or not person.family.native:
            return None
        other = replace(person, is_native=not person.is_native)
        given, family = other.written_given, other.written_family
    elif kind == "short form":
        if not person.given.short:
            return None
        given = rng.choice(person.given.short)
    elif kind == "in one word, or in two":
        joined = [text.replace(" ", "").replace("-", "") for text in (given, family)]
        if joined == [given, family]:
            return None
        given, family = joined
    elif kind == "one of two given names":
        if len(given.split()) != 2:
            return None
        given = rng.choice(given.split())
    elif kind == "another family name":
        # She married, or the other parent's name was written down.
        family = Inventor(rng.randrange(1_000_000)).person().written_family
    elif kind == "year about":
        if year is None:
            return None
        given = _spelled(rng, person.given, given)
        year, about, day = year + rng.choice((-1, 0, 1)), True, ""
    elif kind == "a digit of the day wrong":
        if not day or year is None or day == "01-01":
            return None
        month, of_month = day.split("-")
        wrong = rng.choice([each for each in range(1, 29) if _digits_apart(each, int(of_month)) == 1])
        given, day = _spelled(rng, person.given, given), f"{month}-{wrong:02d}"
    elif kind == "day and month exchanged":
        month, _, of_month = day.partition("-")
        if not day or year is None or month == of_month or int(of_month) > 12:
            return None
        given, day = _spelled(rng, person.given, given), f"{of_month}-{month}"
    phone, commune = person.phone, person.commune
    if rng.random() < 0.3 and not kind.startswith(("day", "a digit")):
        day = ""
    drawn = rng.random()
    if drawn < 0.3:
        phone = ""
    elif phone and drawn < 0.45:
        phone = f"+33{rng.choice('67')}{rng.randint(0, 99_999_999):08d}"
    elif phone and drawn < 0.5:
        phone = f"+33{_wrong_digit(rng, phone)[1:]}"
    if rng.random() < 0.3:
        commune = ""
    elif commune and rng.random() < 0.15:
        commune = rng.choice(COMMUNES)
    return Entry(kind, given, family, year, about, day, phone, commune, person.number)


def _digits_apart(one: int, other: int) -> int:
    """How many of the two digits of two days differ."""
    return sum(first != second for first, second in zip(f"{one:02d}", f"{other:02d}", strict=True))


def base_with_seconds(seed: int, count: int, share: float) -> list[Entry]:
    """So many files in a drawn order, of which ``share`` (0 to 1) are the second file of a person: ``of`` says whose.

    Nobody has three. First files are of kind ``new`` and bear the number of their person in ``of`` too.
    """
    rng = random.Random(seed)
    seconds = round(count * share)
    everyone = list(Inventor(seed).persons(count - seconds))
    entries = [replace(entry_of(rng, each, "new"), of=each.number) for each in everyone]
    rng.shuffle(everyone)
    kinds = list(AGAIN_RATES)
    for kind in rng.choices(kinds, [AGAIN_RATES[kind] for kind in kinds], k=seconds):
        # Few have a name in two words: who cannot meet this error stays for another.
        for at, person in enumerate(everyone):
            if again := entered_again(rng, person, kind):
                entries.append(again)
                del everyone[at]
                break
    rng.shuffle(entries)
    return entries
