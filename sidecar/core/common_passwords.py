"""What people choose when they are asked for a password: the words, the runs of keys, the phrases.

Written for this product from common knowledge, not taken from a leaked list. A list of whole
passwords says little at a minimum of 12 characters, because those of the well-known lists are
shorter; what makes a long one guessable is that it is one of these words with digits, years and
marks around it. `passwords.py` takes that decoration off and looks here, so that every word below
stands for tens of thousands of passwords.
"""

WORDS = frozenset(
    """
    password passwort passwd passcode passphrase passw0rd pass p4ssword parola parole contrasena
    contraseña senha motdepasse wachtwoord lozinka haslo heslo salasana kennwort losenord losenordet
    admin administrator administrador adminadmin root toor superuser sysadmin sysop system operator
    user username guest default changeme changeit change letmein letmeinnow login logon welcome
    welcometo willkommen bienvenue bienvenido benvenuto hello helloworld hola hallo bonjour ciao
    secret secreto geheim topsecret private access accessdenied access14 security secure unlock
    open opensesame sesame enter entrance test tester testing testtest testuser demo sample example
    temp temporary tmp trial master manager owner boss service support helpdesk server computer
    laptop desktop internet network router wireless wifi database oracle mysql postgres postgresql
    mongodb redis docker kubernetes jenkins gitlab github google gmail yahoo hotmail outlook
    facebook twitter instagram linkedin youtube amazon microsoft windows office apple macbook iphone
    ipad android samsung nokia sony playstation xbox nintendo pokemon pikachu minecraft roblox
    fortnite warcraft starcraft counterstrike counter callofduty halo zelda mario sonic
    qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm
    qazwsx qazwsxedc wsxedc edcrfv poiuyt lkjhgf mnbvcxz dvorak abcdef abcdefg alphabet abc
    iloveyou iloveu iloveme loveyou lovely lover loveme love lovelove forever always together
    baby babygirl babyboy babydoll honey sweetheart sweetie sweety princess prince queen king angel
    angels angelina sunshine sunflower sunday monday tuesday wednesday thursday friday saturday
    january february march april june july august september october november december spring summer
    autumn winter fruehling sommer herbst season seasons holiday holidays vacation weekend birthday
    happy happiness happyday smile smiley laugh lucky luckyme blessed faith hope grace peace trust
    trustno believe heaven jesus jesuschrist christ christian godisgood godislove church bible
    football fussball soccer baseball basketball softball volleyball hockey tennis golf cricket
    rugby lacrosse swimming wrestling skater surfer snowboard racing racer nascar ferrari porsche
    mercedes bmw audi toyota honda nissan mustang corvette camaro chevrolet chevy harley yamaha
    suzuki kawasaki ducati volvo
    liverpool arsenal chelsea manchester manunited manutd everton tottenham barcelona realmadrid
    juventus milan inter napoli bayern borussia dortmund schalke werder hamburg cowboys steelers
    packers patriots raiders broncos eagles giants lakers celtics bulls warriors yankees redsox
    dodgers cubs braves rangers
    dragon monkey tiger tigers lion lions wolf wolves bear bears panther cougar jaguar leopard
    cheetah puma eagle falcon hawk phoenix raven penguin dolphin dolphins shark whale turtle lizard
    snake cobra viper python spider scorpion butterfly bumblebee rabbit bunny kitty kitten cat cats
    doggy dog dogs puppy horse horses pony chicken rooster piggy hamster froggy elephant gorilla
    banana apple orange cherry strawberry blueberry peach peaches lemon mango melon coconut cookie
    cookies chocolate candy cupcake pumpkin pepper ginger cinnamon vanilla caramel coffee cheese
    pizza burger bacon butter peanut pancake
    red blue green yellow purple orange pink black white silver golden gold grey brown violet
    diamond crystal ruby emerald sapphire pearl amber jade onyx topaz
    michael michelle jessica jennifer ashley amanda daniel andrew joshua matthew christopher david
    robert thomas william james john jonathan joseph richard charles anthony brandon justin nicholas
    nicole samantha elizabeth stephanie melissa heather danielle rebecca rachel laura lauren megan
    hannah sarah emily anna anthony alexander alexandra alexis victoria vanessa natalie natasha
    maria marie martin martina patrick patricia peter paul philip george gabriel gabriela jordan
    jason kevin brian steven stephen timothy tyler taylor austin hunter zachary benjamin samuel
    jacob ethan joseph logan mason dylan aaron adam alan albert alfred arthur barbara bernard
    brittany carlos carolina caroline charlie charlotte christina claudia cynthia diana dennis
    diego dominic donald edward eduardo elena eric felix fernando florian francis franziska frank
    freddy gerald gregory gustavo harold harry heinrich helena henry isabel isabella jackie jackson
    jasmine jeremy johannes julia julian juliana katherine kathleen kimberly kristina lawrence
    leonardo lisa lorenzo louis lucas luis manuel marcel marcus margaret mario martha maximilian
    miguel monica monika nathan oliver olivia oscar pamela pedro raymond ricardo roberto ronald
    sabrina sandra sebastian sharon sophia sophie stefan stefanie susanne teresa theresa tobias
    tony valentina valerie veronica vincent walter wolfgang
    berlin london paris madrid lisbon vienna wien zurich roma rome milano munich muenchen hamburg
    koeln frankfurt amsterdam brussels dublin glasgow scotland england ireland britain germany
    deutschland france italia espana portugal austria schweiz switzerland holland belgium sweden
    norway denmark finland poland polska russia moscow ukraine kiev turkey istanbul greece india
    mumbai delhi bangalore pakistan china beijing shanghai japan tokyo korea seoul singapore
    malaysia indonesia jakarta philippines manila vietnam thailand bangkok australia sydney
    melbourne canada toronto montreal vancouver america usa newyork brooklyn chicago boston houston
    dallas austin phoenix denver seattle portland florida miami orlando texas california hollywood
    losangeles sanfrancisco sandiego lasvegas vegas hawaii alaska mexico brasil brazil argentina
    chile colombia peru cuba africa egypt nigeria kenya
    superman batman spiderman ironman hulk wolverine deadpool avengers captain wonderwoman joker
    catwoman robin starwars skywalker lukeskywalker darthvader vader jedi yoda chewbacca startrek
    enterprise spock matrix trinity neo terminator predator alien godzilla gandalf frodo hobbit
    legolas lordoftherings harrypotter hogwarts gryffindor slytherin hermione voldemort dumbledore
    simpsons homer bart scooby scoobydoo snoopy garfield mickey mickeymouse minnie donaldduck
    goofy tweety bugsbunny tinkerbell hellokitty winnie tigger naruto sasuke goku dragonball
    onepiece metallica nirvana slipknot linkinpark greenday blink eminem tupac beatles rollingstones
    ledzeppelin pinkfloyd acdc ironmaiden slayer megadeth rammstein abba
    ninja samurai warrior knight soldier sniper killer hunter shooter gunner ranger marine navy army
    pirate gangster thunder lightning storm hurricane tornado blizzard rainbow moonlight starlight
    midnight shadow darkness phantom ghost vampire zombie demon devil satan lucifer hell hellfire
    magic magical wizard merlin mystic mystery fantasy dream dreamer dreams freedom liberty justice
    victory winner champion legend hero heroes genius awesome amazing fantastic super superstar
    rockstar popstar rocknroll music guitar drummer piano dancer dancing singer player playboy
    money dollar million millionaire billion bitcoin crypto cash rich wealth business company
    corporate finance account accounts banking student school college university teacher doctor
    nurse police fireman pilot engineer developer programmer hacker hacked cyber matrix
    whatever nothing something anything everything nobody somebody idontknow dontknow iforgot forgot
    forgotten remember please thankyou thanks goodluck goodbye goodmorning goodnight fuckyou fuckoff
    fuckme asshole bitch bastard shithead bullshit
    correcthorsebatterystaple thequickbrownfox tobeornottobe maytheforcebewithyou
    ilovemymom ilovemydad ilovemywife ilovejesus mypassword mysecret mylove myspace
    nopassword notapassword newpassword oldpassword yourpassword thepassword supersecret
    supersecretpassword passwordpassword passwordadmin adminpassword userpassword rootpassword
    testpassword defaultpassword temppassword temporarypassword welcomepassword loginpassword
    securepassword strongpassword simplepassword secretpassword masterpassword changethis
    changeme changemenow changemeplease pleasechange pleasechangeme letmeinplease letmeinletmein
    ihatepasswords iloveyousomuch iloveyouforever iloveyoubaby
    """.split()
)

RUNS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiopü",
    "asdfghjklöä",
    "yxcvbnm,.-",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn,;:!",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmik,ol.p;/",
    "1a2b3c4d5e6f7g8h9i0j",
    "a1b2c3d4e5f6g7h8i9j0",
    "!@#$%^&*()_+",
    '!"§$%&/()=',
    "147258369",
    "741852963",
    "789456123",
    "159357",
    "951753",
    "112233445566778899",
    "11223344556677889900",
    "aabbccddeeffgghh",
    "121212343434",
    "123123123",
    "13579",
    "24680",
)
"""Keys side by side, alphabets, counts: any piece of three characters or more, both directions."""
