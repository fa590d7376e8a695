"""Names said for one another: each line is one name, its short forms, and what other languages make of it.

Only what no rule of sound brings together stands here. Written down from what is common knowledge of these languages
(West and North Africa, the Sahel, the Horn, Eastern Europe, the Caucasus, South Asia, the Iberian world, France), not
from any file of persons. A word may stand on several lines: it then speaks for each.
"""

SAID_FOR = """
fatoumata fatouma fatou fatim fatima fatimata fatma fatimetou fatoum fati tima
mohamed momo mohand mohamadou med mehmet magomed mamed muhammed
mamadou mamad doudou madou
aissatou aissata aicha aissa aichatou astou aysha ayse aishat
mariama mariam maryam meriem myriam miriam mariem maria mary marie maryna meryem marem
kadiatou kadidiatou kadidia kadi kady khadija hadja khady khadidiatou hatice khadijat hadjara diatou
aminata aminatou amina ami mina amy aminetou
abdoulaye abdou abdallah abdullah ablaye abdoul laye abdulla
abderrahmane abdou abderahim abdel
aboubacar boubacar boubakar bakary abou abubakar boubou babacar aboubakr bouba ebubekir
ibrahima ibrahim brahim ibra ibou abraham avraam ibrohim
ousmane ous osman othmane ousseynou usmon
souleymane soule suleiman slimane souley soulemane solomon sliman
youssouf youssoufou youssef yusuf yousuf sefou joseph josef jose yossef iosif
oumou oumoukoulsoum oumoul kalsoum oumy
ramatoulaye rama ramata ramatou
alassane lassana alhassane hassan lassine assane
ousseynou alhousseiny hussein hossein houssein husayn ouseini
moussa moussaba musa moise moses mosa
issa aissa jesus eissa isa
daouda dauda david daoud davud dato davit dawit
yacouba yakouba yacoub yaqub jacob jacques jakub
ismaila ismael ismail smail isma
mahamadou mahamat mohamadou
seydou saidou said seyni seydina
cheikh cheick sheikh chekh cheikhou
adama adam ada
djeneba djenabou zeinab zineb zaynab jeneba djenaba zenab zeynep
hawa awa eve haoua eva hava
safiatou safia safi safiya
rokia rokiatou rokhaya ruqaya roukia rokaya kia
assetou assitan asseta assita
nafissatou nafi nafissa
bintou binta binetou
salimata salimatou sali salima
maimouna mouna maymuna mouna
sekou sekouba cheickou
lamine alamine mohamedlamine amine
boubacar bouba
modibo modi
abdelkader kader abdelqader abdulkadir
abdelaziz aziz
abdelmalek malek
abdelkrim karim krim
mustapha mustafa moustapha moustafa tapha
noureddine nour nouredine nureddin
salaheddine salah salaheddin selahattin
saifeddine saif seif
jamila djamila jamela cemile
mehdi mahdi
zohra zahra fatimazohra zora zehra
houria hourya
latifa latifah tifa
naima neima
rachid rashid rachide rasit
bilal belal bilel
ilyes elias ilias ilyas elie
anis aniss
alexandre alexander aleksandr oleksandr alex sacha sasha sania olexandr sandro sander
alexandre alexander aleksandr aleksander alejandro alessandro alexandros aleko iskander sandro alex
alexandra oleksandra sacha sasha alexa aleksandra sandra alejandra lesia
ekaterina kateryna katia katya katerina catalina kate katja kasia katarzyna katrin ekaterine eka kato
tatiana tetiana tania tanya tetyana tanja tatjana
anastasia anastasiia nastia nastya asia stasia
svetlana svitlana sveta svieta lana
vladimir volodymyr vova volodia vladi wladimir volodya
dimitri dmitri dmytro dima mitia dimitrios dmitro dimitry
natalia nataliia natacha natasha nata natalka natela natalie
evgenia yevhenia genia jenia zhenya eugenie ievgeniia yevgeniya
evgueni yevhen genia jenia zhenya eugene ievgen yevgeny evgeny evgen
elisabeth elizabeth elisa lisa babeth betty elizaveta yelyzaveta liza isabel isabelle elisaveta lizaveta eliso
catherine cathy katy catia catarina caterina
sergei serhii serge sergiy sergio serioja seryozha serguei sergo
nikolai mykola kolia nicolas nico nikola kolya nikoloz nika niko mikola nikolay
ivan vania vanya ioan jan ioann ivane vano
andrei andrii andre andrey andriy andres andriusha andrea andrius andria andro
mikhail mykhailo micha misha michel mickael michael miguel mihail mihai mikheil misho michal mykhaylo
piotr petro petr pierre pedro petre pyotr petia peter pietro petar
pavel pavlo paul paulo pablo pacha pavlik pavle paulius
iouri yurii youri yury yuri jurij iura yura georges
georges giorgi gueorgui heorhii jorge jurgis george gio georgiy gia goga jorj
oleg oleh olezhka
olga olha olia olya
olena elena helene yelena lena alena olenka elene ilona
irina iryna ira irene irena irinka
yulia iouliia julia julie yuliia ioulia juliya
lioudmila liudmyla luda lioussia ludmila lyudmila mila liuda
galina halyna galia galya halina
larisa larysa lara
oksana ksenia xenia ksenia oxana ksusha ksiucha
viktoria victoria vika victoire viktoriia viktoriya vica
valentina valya valentyna valia
nadejda nadia nadiia nadezhda nadya nadiya
lioubov liubov luba liuba lyubov
anna ania anya hanna anne hania ganna anush ana anita annie
maksim maxym maxime max maksym maks
artem artiom tioma artyom
bogdan bohdan dania
konstantin kostiantyn kostia constantin kostya kote
anatoli anatolii tolia
grigori hryhorii grisha gregoire grigol grigor
vassili vasyl vassia vasiliy vasil basile vaso
roman roma romain
stanislav stas
vitali vitalii vitalik
viatcheslav viacheslav slava
iaroslav yaroslav slava yarik
ruslan rus
timour timur tima
guivi givi
nino nini nina
tamar tamara tamari tako tamriko tamuna
manana mana
lali lela
zaza zazi
levan leo leon
irakli hercule ika
davit dato dati datuna
mariam mari maka mariami
ketevan keti keto
natia nato
khatouna khatuna
armen arman
hovhannes ovanes hovik jean
karen garen
gayane gaya
lakshmi laxmi lachmi latchoumi letchoumi
krishna kirouchna krichna kannan
murugan mourougane murugane
selvam selvan
subramaniam subra soupramanien mani
rajendran rajan raja raju
sivakumar siva shiva kumar
saraswathi saras sarasvati
mohammad mohd md
rahman rahaman rohman
begum begam begom
akhter aktar akter
khatun khatoon
hossain hussain
shahid chahid
jose pepe zezinho ze
francisco paco pancho chico kiko francois
maria marie mimi mariazinha maricarmen
juan juanito joao jean giovanni john ioan yahya
antonio toni tonio antoine toninho anton anthony
manuel manolo manu emmanuel emanuel nelo
guadalupe lupe
dolores lola
concepcion concha conchita
rosario charo
fernando nando fernand hernando
eduardo edu duda edouard
roberto beto robert bob
luis luisito louis lulu luiz
carlos charles carlitos charlie karl
christophe chris christian topher
christine chris chrystelle cristina christina kristina kris tina
joseph jo jose josef
jean johnny jeannot
gabriel gaby gabriela gabi
isabelle isa isabel bella
veronique vero veronica
philippe phil philip felipe filip
frederic fred freddy
stephane steph stephanie stefan etienne stepan esteban steven stevan
sebastien seb bastien
laurent lolo lorenzo lawrence
thomas tom tomas tommy foma
benjamin ben benji
guillaume will william guillermo liam willy
jerome gerome
dominique dom
francoise fanfan
jacqueline jacky
patricia pat patou
sylvie sylvia
bernadette bernie nadette
therese tere teresa terezia
marguerite margot margarita rita margaryta
josephine josie josefina fifi
madeleine mado magdalena
genevieve gege
valerie val
nathalie nat nath
sandrine sand
aurelie lili
emilie emi milie
charlotte lotte charly
mathieu matt matthieu matteo mateo matvei matias
nguyen ng
thi t
elhadj elhadji alhaji el
serigne seri
pape papa
ndeye dieye
mame mam
coumba koumba kumba
diarietou diary
penda pinda
astan astou
demba dembele
samba sam
thierno tierno cerno
abebe abeba
tesfaye tesfay
haile hayle
girma grma
tewodros teddy tedros theodore
yohannes john yonas johannes
mikael michael
selamawit selam
tsegaye tsega
hiwot hywet
semhar semira
dawit david
filmon philemon
merhawi merawi
li lee yi ri rhee
kim gim
park bag pak bak
choi choe
jung jeong chung
zhang chang
wang wong
chen chan tran
wu ng
liu lau luu
huang hoang
gul goul
mohammadreza reza
gholam ghulam
fereshteh fereshta
zahra zohra
masoumeh massouma
najibullah najib
rahmatullah rahmat
ahmadullah ahmad ahmed hamid
nasrullah nasir
habibullah habib
hamidullah hamid
sayed sayyid said sidi seyed
ghulamsakhi ghulam
shukria choukria
traore trawally trawalle
cisse ceesay sesay
diop jobe
ndiaye njie njay
diallo jallow jalloh
toure touray turay
konate konateh
bah mbah
"""
