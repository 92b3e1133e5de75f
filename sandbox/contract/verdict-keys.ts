// Written by scripts/write-verdict-keys.ts from the verdicts in sandbox/policy-api.ts: edit those.
// biome-ignore-all format: a script cannot know how long lines are broken

type Small = "a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m" | "n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z";
type Letter = Small | Uppercase<Small>;

declare const none: unique symbol;
/** What no value is: the verdict has no such key. */
export interface NoSuchKey<Verdict extends string, Advice extends string> { readonly [none]: [Verdict, Advice] }

type NotKnownOfUpgradeVerdict = { readonly [_ in
  | `${Exclude<Small, "c" | "r" | "a" | "h" | "s" | "e" | "t">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"UpgradeVerdict", "its keys are `connect`, `reject`, `attributes`, `headers`, `responseHeaders`, `subprotocol`, `contentType`, `expires`, `renewAt` and `tick`"> };
type NotConnectOrContentTypeOfUpgradeVerdict = { readonly [_ in
  | `c${Exclude<Small, "o">}${string}`
  | `c${Capitalize<string>}`
  | `co${Exclude<Small, "n">}${string}`
  | `co${Capitalize<string>}`
  | `con${Exclude<Small, "n" | "t">}${string}`
  | `con${Capitalize<string>}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `connect` or `contentType`?"> };
type NotConnectOfUpgradeVerdict = { readonly [_ in
  | `conn${Exclude<Small, "e">}${string}`
  | `conn${Capitalize<string>}`
  | `conne${Exclude<Small, "c">}${string}`
  | `conne${Capitalize<string>}`
  | `connec${Exclude<Small, "t">}${string}`
  | `connec${Capitalize<string>}`
  | `connect${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `connect`?"> };
type NotRejectOrResponseHeadersOrRenewAtOfUpgradeVerdict = { readonly [_ in
  | `r${Exclude<Small, "e">}${string}`
  | `r${Capitalize<string>}`
  | `re${Exclude<Small, "j" | "s" | "n">}${string}`
  | `re${Capitalize<string>}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `reject`, `responseHeaders` or `renewAt`?"> };
type NotRejectOfUpgradeVerdict = { readonly [_ in
  | `rej${Exclude<Small, "e">}${string}`
  | `rej${Capitalize<string>}`
  | `reje${Exclude<Small, "c">}${string}`
  | `reje${Capitalize<string>}`
  | `rejec${Exclude<Small, "t">}${string}`
  | `rejec${Capitalize<string>}`
  | `reject${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `reject`?"> };
type NotAttributesOfUpgradeVerdict = { readonly [_ in
  | `a${Exclude<Small, "t">}${string}`
  | `a${Capitalize<string>}`
  | `at${Exclude<Small, "t">}${string}`
  | `at${Capitalize<string>}`
  | `att${Exclude<Small, "r">}${string}`
  | `att${Capitalize<string>}`
  | `attr${Exclude<Small, "i">}${string}`
  | `attr${Capitalize<string>}`
  | `attri${Exclude<Small, "b">}${string}`
  | `attri${Capitalize<string>}`
  | `attrib${Exclude<Small, "u">}${string}`
  | `attrib${Capitalize<string>}`
  | `attribu${Exclude<Small, "t">}${string}`
  | `attribu${Capitalize<string>}`
  | `attribut${Exclude<Small, "e">}${string}`
  | `attribut${Capitalize<string>}`
  | `attribute${Exclude<Small, "s">}${string}`
  | `attribute${Capitalize<string>}`
  | `attributes${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `attributes`?"> };
type NotHeadersOfUpgradeVerdict = { readonly [_ in
  | `h${Exclude<Small, "e">}${string}`
  | `h${Capitalize<string>}`
  | `he${Exclude<Small, "a">}${string}`
  | `he${Capitalize<string>}`
  | `hea${Exclude<Small, "d">}${string}`
  | `hea${Capitalize<string>}`
  | `head${Exclude<Small, "e">}${string}`
  | `head${Capitalize<string>}`
  | `heade${Exclude<Small, "r">}${string}`
  | `heade${Capitalize<string>}`
  | `header${Exclude<Small, "s">}${string}`
  | `header${Capitalize<string>}`
  | `headers${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `headers`?"> };
type NotResponseHeadersOfUpgradeVerdict = { readonly [_ in
  | `res${Exclude<Small, "p">}${string}`
  | `res${Capitalize<string>}`
  | `resp${Exclude<Small, "o">}${string}`
  | `resp${Capitalize<string>}`
  | `respo${Exclude<Small, "n">}${string}`
  | `respo${Capitalize<string>}`
  | `respon${Exclude<Small, "s">}${string}`
  | `respon${Capitalize<string>}`
  | `respons${Exclude<Small, "e">}${string}`
  | `respons${Capitalize<string>}`
  | `response${Exclude<Letter, "H">}${string}`
  | `${string}esponse`
  | `responseH${Exclude<Small, "e">}${string}`
  | `responseH${Capitalize<string>}`
  | `responseHe${Exclude<Small, "a">}${string}`
  | `responseHe${Capitalize<string>}`
  | `responseHea${Exclude<Small, "d">}${string}`
  | `responseHea${Capitalize<string>}`
  | `responseHead${Exclude<Small, "e">}${string}`
  | `responseHead${Capitalize<string>}`
  | `responseHeade${Exclude<Small, "r">}${string}`
  | `responseHeade${Capitalize<string>}`
  | `responseHeader${Exclude<Small, "s">}${string}`
  | `responseHeader${Capitalize<string>}`
  | `responseHeaders${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `responseHeaders`?"> };
type NotSubprotocolOfUpgradeVerdict = { readonly [_ in
  | `s${Exclude<Small, "u">}${string}`
  | `s${Capitalize<string>}`
  | `su${Exclude<Small, "b">}${string}`
  | `su${Capitalize<string>}`
  | `sub${Exclude<Small, "p">}${string}`
  | `sub${Capitalize<string>}`
  | `subp${Exclude<Small, "r">}${string}`
  | `subp${Capitalize<string>}`
  | `subpr${Exclude<Small, "o">}${string}`
  | `subpr${Capitalize<string>}`
  | `subpro${Exclude<Small, "t">}${string}`
  | `subpro${Capitalize<string>}`
  | `subprot${Exclude<Small, "o">}${string}`
  | `subprot${Capitalize<string>}`
  | `subproto${Exclude<Small, "c">}${string}`
  | `subproto${Capitalize<string>}`
  | `subprotoc${Exclude<Small, "o">}${string}`
  | `subprotoc${Capitalize<string>}`
  | `subprotoco${Exclude<Small, "l">}${string}`
  | `subprotoco${Capitalize<string>}`
  | `subprotocol${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `subprotocol`?"> };
type NotContentTypeOfUpgradeVerdict = { readonly [_ in
  | `cont${Exclude<Small, "e">}${string}`
  | `cont${Capitalize<string>}`
  | `conte${Exclude<Small, "n">}${string}`
  | `conte${Capitalize<string>}`
  | `conten${Exclude<Small, "t">}${string}`
  | `conten${Capitalize<string>}`
  | `content${Exclude<Letter, "T">}${string}`
  | `${string}ontent`
  | `contentT${Exclude<Small, "y">}${string}`
  | `contentT${Capitalize<string>}`
  | `contentTy${Exclude<Small, "p">}${string}`
  | `contentTy${Capitalize<string>}`
  | `contentTyp${Exclude<Small, "e">}${string}`
  | `contentTyp${Capitalize<string>}`
  | `contentType${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `contentType`?"> };
type NotExpiresOfUpgradeVerdict = { readonly [_ in
  | `e${Exclude<Small, "x">}${string}`
  | `e${Capitalize<string>}`
  | `ex${Exclude<Small, "p">}${string}`
  | `ex${Capitalize<string>}`
  | `exp${Exclude<Small, "i">}${string}`
  | `exp${Capitalize<string>}`
  | `expi${Exclude<Small, "r">}${string}`
  | `expi${Capitalize<string>}`
  | `expir${Exclude<Small, "e">}${string}`
  | `expir${Capitalize<string>}`
  | `expire${Exclude<Small, "s">}${string}`
  | `expire${Capitalize<string>}`
  | `expires${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `expires`?"> };
type NotRenewAtOfUpgradeVerdict = { readonly [_ in
  | `ren${Exclude<Small, "e">}${string}`
  | `ren${Capitalize<string>}`
  | `rene${Exclude<Small, "w">}${string}`
  | `rene${Capitalize<string>}`
  | `renew${Exclude<Letter, "A">}${string}`
  | `${string}enew`
  | `renewA${Exclude<Small, "t">}${string}`
  | `renewA${Capitalize<string>}`
  | `renewAt${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `renewAt`?"> };
type NotTickOfUpgradeVerdict = { readonly [_ in
  | `t${Exclude<Small, "i">}${string}`
  | `t${Capitalize<string>}`
  | `ti${Exclude<Small, "c">}${string}`
  | `ti${Capitalize<string>}`
  | `tic${Exclude<Small, "k">}${string}`
  | `tic${Capitalize<string>}`
  | `tick${Letter}${string}`
]?: NoSuchKey<"UpgradeVerdict", "did you mean `tick`?"> };
export type OnlyUpgradeVerdictKeys = NotKnownOfUpgradeVerdict & NotConnectOrContentTypeOfUpgradeVerdict & NotConnectOfUpgradeVerdict & NotRejectOrResponseHeadersOrRenewAtOfUpgradeVerdict & NotRejectOfUpgradeVerdict & NotAttributesOfUpgradeVerdict & NotHeadersOfUpgradeVerdict & NotResponseHeadersOfUpgradeVerdict & NotSubprotocolOfUpgradeVerdict & NotContentTypeOfUpgradeVerdict & NotExpiresOfUpgradeVerdict & NotRenewAtOfUpgradeVerdict & NotTickOfUpgradeVerdict;

type NotKnownOfUnavailableVerdict = { readonly [_ in
  | `${Exclude<Small, "r" | "c" | "h">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"UnavailableVerdict", "its keys are `reject`, `connect` and `hold`"> };
type NotRejectOfUnavailableVerdict = { readonly [_ in
  | `r${Exclude<Small, "e">}${string}`
  | `r${Capitalize<string>}`
  | `re${Exclude<Small, "j">}${string}`
  | `re${Capitalize<string>}`
  | `rej${Exclude<Small, "e">}${string}`
  | `rej${Capitalize<string>}`
  | `reje${Exclude<Small, "c">}${string}`
  | `reje${Capitalize<string>}`
  | `rejec${Exclude<Small, "t">}${string}`
  | `rejec${Capitalize<string>}`
  | `reject${Letter}${string}`
]?: NoSuchKey<"UnavailableVerdict", "did you mean `reject`?"> };
type NotConnectOfUnavailableVerdict = { readonly [_ in
  | `c${Exclude<Small, "o">}${string}`
  | `c${Capitalize<string>}`
  | `co${Exclude<Small, "n">}${string}`
  | `co${Capitalize<string>}`
  | `con${Exclude<Small, "n">}${string}`
  | `con${Capitalize<string>}`
  | `conn${Exclude<Small, "e">}${string}`
  | `conn${Capitalize<string>}`
  | `conne${Exclude<Small, "c">}${string}`
  | `conne${Capitalize<string>}`
  | `connec${Exclude<Small, "t">}${string}`
  | `connec${Capitalize<string>}`
  | `connect${Letter}${string}`
]?: NoSuchKey<"UnavailableVerdict", "did you mean `connect`?"> };
type NotHoldOfUnavailableVerdict = { readonly [_ in
  | `h${Exclude<Small, "o">}${string}`
  | `h${Capitalize<string>}`
  | `ho${Exclude<Small, "l">}${string}`
  | `ho${Capitalize<string>}`
  | `hol${Exclude<Small, "d">}${string}`
  | `hol${Capitalize<string>}`
  | `hold${Letter}${string}`
]?: NoSuchKey<"UnavailableVerdict", "did you mean `hold`?"> };
export type OnlyUnavailableVerdictKeys = NotKnownOfUnavailableVerdict & NotRejectOfUnavailableVerdict & NotConnectOfUnavailableVerdict & NotHoldOfUnavailableVerdict;

type NotKnownOfMessageVerdict = { readonly [_ in
  | `${Exclude<Small, "c" | "d" | "r" | "a" | "t" | "h">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"MessageVerdict", "its keys are `content`, `drop`, `reply`, `append`, `close`, `renew`, `tick` and `held`"> };
type NotContentOrCloseOfMessageVerdict = { readonly [_ in
  | `c${Exclude<Small, "o" | "l">}${string}`
  | `c${Capitalize<string>}`
]?: NoSuchKey<"MessageVerdict", "did you mean `content` or `close`?"> };
type NotContentOfMessageVerdict = { readonly [_ in
  | `co${Exclude<Small, "n">}${string}`
  | `co${Capitalize<string>}`
  | `con${Exclude<Small, "t">}${string}`
  | `con${Capitalize<string>}`
  | `cont${Exclude<Small, "e">}${string}`
  | `cont${Capitalize<string>}`
  | `conte${Exclude<Small, "n">}${string}`
  | `conte${Capitalize<string>}`
  | `conten${Exclude<Small, "t">}${string}`
  | `conten${Capitalize<string>}`
  | `content${Letter}${string}`
]?: NoSuchKey<"MessageVerdict", "did you mean `content`?"> };
type NotDropOfMessageVerdict = { readonly [_ in
  | `d${Exclude<Small, "r">}${string}`
  | `d${Capitalize<string>}`
  | `dr${Exclude<Small, "o">}${string}`
  | `dr${Capitalize<string>}`
  | `dro${Exclude<Small, "p">}${string}`
  | `dro${Capitalize<string>}`
  | `drop${Letter}${string}`
]?: NoSuchKey<"MessageVerdict", "did you mean `drop`?"> };
type NotReplyOrRenewOfMessageVerdict = { readonly [_ in
  | `r${Exclude<Small, "e">}${string}`
  | `r${Capitalize<string>}`
  | `re${Exclude<Small, "p" | "n">}${string}`
  | `re${Capitalize<string>}`
]?: NoSuchKey<"MessageVerdict", "did you mean `reply` or `renew`?"> };
type NotReplyOfMessageVerdict = { readonly [_ in
  | `rep${Exclude<Small, "l">}${string}`
  | `rep${Capitalize<string>}`
  | `repl${Exclude<Small, "y">}${string}`
  | `repl${Capitalize<string>}`
  | `reply${Letter}${string}`
]?: NoSuchKey<"MessageVerdict", "did you mean `reply`?"> };
type NotAppendOfMessageVerdict = { readonly [_ in
  | `a${Exclude<Small, "p">}${string}`
  | `a${Capitalize<string>}`
  | `ap${Exclude<Small, "p">}${string}`
  | `ap${Capitalize<string>}`
  | `app${Exclude<Small, "e">}${string}`
  | `app${Capitalize<string>}`
  | `appe${Exclude<Small, "n">}${string}`
  | `appe${Capitalize<string>}`
  | `appen${Exclude<Small, "d">}${string}`
  | `appen${Capitalize<string>}`
  | `append${Letter}${string}`
]?: NoSuchKey<"MessageVerdict", "did you mean `append`?"> };
type NotCloseOfMessageVerdict = { readonly [_ in
  | `cl${Exclude<Small, "o">}${string}`
  | `cl${Capitalize<string>}`
  | `clo${Exclude<Small, "s">}${string}`
  | `clo${Capitalize<string>}`
  | `clos${Exclude<Small, "e">}${string}`
  | `clos${Capitalize<string>}`
  | `close${Letter}${string}`
]?: NoSuchKey<"MessageVerdict", "did you mean `close`?"> };
type NotRenewOfMessageVerdict = { readonly [_ in
  | `ren${Exclude<Small, "e">}${string}`
  | `ren${Capitalize<string>}`
  | `rene${Exclude<Small, "w">}${string}`
  | `rene${Capitalize<string>}`
  | `renew${Letter}${string}`
]?: NoSuchKey<"MessageVerdict", "did you mean `renew`?"> };
type NotTickOfMessageVerdict = { readonly [_ in
  | `t${Exclude<Small, "i">}${string}`
  | `t${Capitalize<string>}`
  | `ti${Exclude<Small, "c">}${string}`
  | `ti${Capitalize<string>}`
  | `tic${Exclude<Small, "k">}${string}`
  | `tic${Capitalize<string>}`
  | `tick${Letter}${string}`
]?: NoSuchKey<"MessageVerdict", "did you mean `tick`?"> };
type NotHeldOfMessageVerdict = { readonly [_ in
  | `h${Exclude<Small, "e">}${string}`
  | `h${Capitalize<string>}`
  | `he${Exclude<Small, "l">}${string}`
  | `he${Capitalize<string>}`
  | `hel${Exclude<Small, "d">}${string}`
  | `hel${Capitalize<string>}`
  | `held${Letter}${string}`
]?: NoSuchKey<"MessageVerdict", "did you mean `held`?"> };
export type OnlyMessageVerdictKeys = NotKnownOfMessageVerdict & NotContentOrCloseOfMessageVerdict & NotContentOfMessageVerdict & NotDropOfMessageVerdict & NotReplyOrRenewOfMessageVerdict & NotReplyOfMessageVerdict & NotAppendOfMessageVerdict & NotCloseOfMessageVerdict & NotRenewOfMessageVerdict & NotTickOfMessageVerdict & NotHeldOfMessageVerdict;

type NotKnownOfTickVerdict = { readonly [_ in
  | `${Exclude<Small, "t" | "c" | "r" | "h">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"TickVerdict", "its keys are `toClient`, `toServer`, `close`, `tick`, `renew` and `held`"> };
type NotToClientOrToServerOrTickOfTickVerdict = { readonly [_ in
  | `t${Exclude<Small, "o" | "i">}${string}`
  | `t${Capitalize<string>}`
]?: NoSuchKey<"TickVerdict", "did you mean `toClient`, `toServer` or `tick`?"> };
type NotToClientOrToServerOfTickVerdict = { readonly [_ in
  | `to${Exclude<Letter, "C" | "S">}${string}`
  | `${string}o`
]?: NoSuchKey<"TickVerdict", "did you mean `toClient` or `toServer`?"> };
type NotToClientOfTickVerdict = { readonly [_ in
  | `toC${Exclude<Small, "l">}${string}`
  | `toC${Capitalize<string>}`
  | `toCl${Exclude<Small, "i">}${string}`
  | `toCl${Capitalize<string>}`
  | `toCli${Exclude<Small, "e">}${string}`
  | `toCli${Capitalize<string>}`
  | `toClie${Exclude<Small, "n">}${string}`
  | `toClie${Capitalize<string>}`
  | `toClien${Exclude<Small, "t">}${string}`
  | `toClien${Capitalize<string>}`
  | `toClient${Letter}${string}`
]?: NoSuchKey<"TickVerdict", "did you mean `toClient`?"> };
type NotToServerOfTickVerdict = { readonly [_ in
  | `toS${Exclude<Small, "e">}${string}`
  | `toS${Capitalize<string>}`
  | `toSe${Exclude<Small, "r">}${string}`
  | `toSe${Capitalize<string>}`
  | `toSer${Exclude<Small, "v">}${string}`
  | `toSer${Capitalize<string>}`
  | `toServ${Exclude<Small, "e">}${string}`
  | `toServ${Capitalize<string>}`
  | `toServe${Exclude<Small, "r">}${string}`
  | `toServe${Capitalize<string>}`
  | `toServer${Letter}${string}`
]?: NoSuchKey<"TickVerdict", "did you mean `toServer`?"> };
type NotCloseOfTickVerdict = { readonly [_ in
  | `c${Exclude<Small, "l">}${string}`
  | `c${Capitalize<string>}`
  | `cl${Exclude<Small, "o">}${string}`
  | `cl${Capitalize<string>}`
  | `clo${Exclude<Small, "s">}${string}`
  | `clo${Capitalize<string>}`
  | `clos${Exclude<Small, "e">}${string}`
  | `clos${Capitalize<string>}`
  | `close${Letter}${string}`
]?: NoSuchKey<"TickVerdict", "did you mean `close`?"> };
type NotTickOfTickVerdict = { readonly [_ in
  | `ti${Exclude<Small, "c">}${string}`
  | `ti${Capitalize<string>}`
  | `tic${Exclude<Small, "k">}${string}`
  | `tic${Capitalize<string>}`
  | `tick${Letter}${string}`
]?: NoSuchKey<"TickVerdict", "did you mean `tick`?"> };
type NotRenewOfTickVerdict = { readonly [_ in
  | `r${Exclude<Small, "e">}${string}`
  | `r${Capitalize<string>}`
  | `re${Exclude<Small, "n">}${string}`
  | `re${Capitalize<string>}`
  | `ren${Exclude<Small, "e">}${string}`
  | `ren${Capitalize<string>}`
  | `rene${Exclude<Small, "w">}${string}`
  | `rene${Capitalize<string>}`
  | `renew${Letter}${string}`
]?: NoSuchKey<"TickVerdict", "did you mean `renew`?"> };
type NotHeldOfTickVerdict = { readonly [_ in
  | `h${Exclude<Small, "e">}${string}`
  | `h${Capitalize<string>}`
  | `he${Exclude<Small, "l">}${string}`
  | `he${Capitalize<string>}`
  | `hel${Exclude<Small, "d">}${string}`
  | `hel${Capitalize<string>}`
  | `held${Letter}${string}`
]?: NoSuchKey<"TickVerdict", "did you mean `held`?"> };
export type OnlyTickVerdictKeys = NotKnownOfTickVerdict & NotToClientOrToServerOrTickOfTickVerdict & NotToClientOrToServerOfTickVerdict & NotToClientOfTickVerdict & NotToServerOfTickVerdict & NotCloseOfTickVerdict & NotTickOfTickVerdict & NotRenewOfTickVerdict & NotHeldOfTickVerdict;

type NotKnownOfRenewVerdict = { readonly [_ in
  | `${Exclude<Small, "a" | "e" | "r" | "t" | "c">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"RenewVerdict", "its keys are `attributes`, `expires`, `renewAt`, `toClient`, `toServer`, `close` and `tick`"> };
type NotAttributesOfRenewVerdict = { readonly [_ in
  | `a${Exclude<Small, "t">}${string}`
  | `a${Capitalize<string>}`
  | `at${Exclude<Small, "t">}${string}`
  | `at${Capitalize<string>}`
  | `att${Exclude<Small, "r">}${string}`
  | `att${Capitalize<string>}`
  | `attr${Exclude<Small, "i">}${string}`
  | `attr${Capitalize<string>}`
  | `attri${Exclude<Small, "b">}${string}`
  | `attri${Capitalize<string>}`
  | `attrib${Exclude<Small, "u">}${string}`
  | `attrib${Capitalize<string>}`
  | `attribu${Exclude<Small, "t">}${string}`
  | `attribu${Capitalize<string>}`
  | `attribut${Exclude<Small, "e">}${string}`
  | `attribut${Capitalize<string>}`
  | `attribute${Exclude<Small, "s">}${string}`
  | `attribute${Capitalize<string>}`
  | `attributes${Letter}${string}`
]?: NoSuchKey<"RenewVerdict", "did you mean `attributes`?"> };
type NotExpiresOfRenewVerdict = { readonly [_ in
  | `e${Exclude<Small, "x">}${string}`
  | `e${Capitalize<string>}`
  | `ex${Exclude<Small, "p">}${string}`
  | `ex${Capitalize<string>}`
  | `exp${Exclude<Small, "i">}${string}`
  | `exp${Capitalize<string>}`
  | `expi${Exclude<Small, "r">}${string}`
  | `expi${Capitalize<string>}`
  | `expir${Exclude<Small, "e">}${string}`
  | `expir${Capitalize<string>}`
  | `expire${Exclude<Small, "s">}${string}`
  | `expire${Capitalize<string>}`
  | `expires${Letter}${string}`
]?: NoSuchKey<"RenewVerdict", "did you mean `expires`?"> };
type NotRenewAtOfRenewVerdict = { readonly [_ in
  | `r${Exclude<Small, "e">}${string}`
  | `r${Capitalize<string>}`
  | `re${Exclude<Small, "n">}${string}`
  | `re${Capitalize<string>}`
  | `ren${Exclude<Small, "e">}${string}`
  | `ren${Capitalize<string>}`
  | `rene${Exclude<Small, "w">}${string}`
  | `rene${Capitalize<string>}`
  | `renew${Exclude<Letter, "A">}${string}`
  | `${string}enew`
  | `renewA${Exclude<Small, "t">}${string}`
  | `renewA${Capitalize<string>}`
  | `renewAt${Letter}${string}`
]?: NoSuchKey<"RenewVerdict", "did you mean `renewAt`?"> };
type NotToClientOrToServerOrTickOfRenewVerdict = { readonly [_ in
  | `t${Exclude<Small, "o" | "i">}${string}`
  | `t${Capitalize<string>}`
]?: NoSuchKey<"RenewVerdict", "did you mean `toClient`, `toServer` or `tick`?"> };
type NotToClientOrToServerOfRenewVerdict = { readonly [_ in
  | `to${Exclude<Letter, "C" | "S">}${string}`
  | `${string}o`
]?: NoSuchKey<"RenewVerdict", "did you mean `toClient` or `toServer`?"> };
type NotToClientOfRenewVerdict = { readonly [_ in
  | `toC${Exclude<Small, "l">}${string}`
  | `toC${Capitalize<string>}`
  | `toCl${Exclude<Small, "i">}${string}`
  | `toCl${Capitalize<string>}`
  | `toCli${Exclude<Small, "e">}${string}`
  | `toCli${Capitalize<string>}`
  | `toClie${Exclude<Small, "n">}${string}`
  | `toClie${Capitalize<string>}`
  | `toClien${Exclude<Small, "t">}${string}`
  | `toClien${Capitalize<string>}`
  | `toClient${Letter}${string}`
]?: NoSuchKey<"RenewVerdict", "did you mean `toClient`?"> };
type NotToServerOfRenewVerdict = { readonly [_ in
  | `toS${Exclude<Small, "e">}${string}`
  | `toS${Capitalize<string>}`
  | `toSe${Exclude<Small, "r">}${string}`
  | `toSe${Capitalize<string>}`
  | `toSer${Exclude<Small, "v">}${string}`
  | `toSer${Capitalize<string>}`
  | `toServ${Exclude<Small, "e">}${string}`
  | `toServ${Capitalize<string>}`
  | `toServe${Exclude<Small, "r">}${string}`
  | `toServe${Capitalize<string>}`
  | `toServer${Letter}${string}`
]?: NoSuchKey<"RenewVerdict", "did you mean `toServer`?"> };
type NotCloseOfRenewVerdict = { readonly [_ in
  | `c${Exclude<Small, "l">}${string}`
  | `c${Capitalize<string>}`
  | `cl${Exclude<Small, "o">}${string}`
  | `cl${Capitalize<string>}`
  | `clo${Exclude<Small, "s">}${string}`
  | `clo${Capitalize<string>}`
  | `clos${Exclude<Small, "e">}${string}`
  | `clos${Capitalize<string>}`
  | `close${Letter}${string}`
]?: NoSuchKey<"RenewVerdict", "did you mean `close`?"> };
type NotTickOfRenewVerdict = { readonly [_ in
  | `ti${Exclude<Small, "c">}${string}`
  | `ti${Capitalize<string>}`
  | `tic${Exclude<Small, "k">}${string}`
  | `tic${Capitalize<string>}`
  | `tick${Letter}${string}`
]?: NoSuchKey<"RenewVerdict", "did you mean `tick`?"> };
export type OnlyRenewVerdictKeys = NotKnownOfRenewVerdict & NotAttributesOfRenewVerdict & NotExpiresOfRenewVerdict & NotRenewAtOfRenewVerdict & NotToClientOrToServerOrTickOfRenewVerdict & NotToClientOrToServerOfRenewVerdict & NotToClientOfRenewVerdict & NotToServerOfRenewVerdict & NotCloseOfRenewVerdict & NotTickOfRenewVerdict;

type NotKnownOfCloseVerdict = { readonly [_ in
  | `${Exclude<Small, "c" | "r">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"CloseVerdict", "its keys are `code`, `reason` and `rule`"> };
type NotCodeOfCloseVerdict = { readonly [_ in
  | `c${Exclude<Small, "o">}${string}`
  | `c${Capitalize<string>}`
  | `co${Exclude<Small, "d">}${string}`
  | `co${Capitalize<string>}`
  | `cod${Exclude<Small, "e">}${string}`
  | `cod${Capitalize<string>}`
  | `code${Letter}${string}`
]?: NoSuchKey<"CloseVerdict", "did you mean `code`?"> };
type NotReasonOrRuleOfCloseVerdict = { readonly [_ in
  | `r${Exclude<Small, "e" | "u">}${string}`
  | `r${Capitalize<string>}`
]?: NoSuchKey<"CloseVerdict", "did you mean `reason` or `rule`?"> };
type NotReasonOfCloseVerdict = { readonly [_ in
  | `re${Exclude<Small, "a">}${string}`
  | `re${Capitalize<string>}`
  | `rea${Exclude<Small, "s">}${string}`
  | `rea${Capitalize<string>}`
  | `reas${Exclude<Small, "o">}${string}`
  | `reas${Capitalize<string>}`
  | `reaso${Exclude<Small, "n">}${string}`
  | `reaso${Capitalize<string>}`
  | `reason${Letter}${string}`
]?: NoSuchKey<"CloseVerdict", "did you mean `reason`?"> };
type NotRuleOfCloseVerdict = { readonly [_ in
  | `ru${Exclude<Small, "l">}${string}`
  | `ru${Capitalize<string>}`
  | `rul${Exclude<Small, "e">}${string}`
  | `rul${Capitalize<string>}`
  | `rule${Letter}${string}`
]?: NoSuchKey<"CloseVerdict", "did you mean `rule`?"> };
export type OnlyCloseVerdictKeys = NotKnownOfCloseVerdict & NotCodeOfCloseVerdict & NotReasonOrRuleOfCloseVerdict & NotReasonOfCloseVerdict & NotRuleOfCloseVerdict;

type NotKnownOfRejection = { readonly [_ in
  | `${Exclude<Small, "s" | "h" | "b">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"Rejection", "its keys are `status`, `headers` and `body`"> };
type NotStatusOfRejection = { readonly [_ in
  | `s${Exclude<Small, "t">}${string}`
  | `s${Capitalize<string>}`
  | `st${Exclude<Small, "a">}${string}`
  | `st${Capitalize<string>}`
  | `sta${Exclude<Small, "t">}${string}`
  | `sta${Capitalize<string>}`
  | `stat${Exclude<Small, "u">}${string}`
  | `stat${Capitalize<string>}`
  | `statu${Exclude<Small, "s">}${string}`
  | `statu${Capitalize<string>}`
  | `status${Letter}${string}`
]?: NoSuchKey<"Rejection", "did you mean `status`?"> };
type NotHeadersOfRejection = { readonly [_ in
  | `h${Exclude<Small, "e">}${string}`
  | `h${Capitalize<string>}`
  | `he${Exclude<Small, "a">}${string}`
  | `he${Capitalize<string>}`
  | `hea${Exclude<Small, "d">}${string}`
  | `hea${Capitalize<string>}`
  | `head${Exclude<Small, "e">}${string}`
  | `head${Capitalize<string>}`
  | `heade${Exclude<Small, "r">}${string}`
  | `heade${Capitalize<string>}`
  | `header${Exclude<Small, "s">}${string}`
  | `header${Capitalize<string>}`
  | `headers${Letter}${string}`
]?: NoSuchKey<"Rejection", "did you mean `headers`?"> };
type NotBodyOfRejection = { readonly [_ in
  | `b${Exclude<Small, "o">}${string}`
  | `b${Capitalize<string>}`
  | `bo${Exclude<Small, "d">}${string}`
  | `bo${Capitalize<string>}`
  | `bod${Exclude<Small, "y">}${string}`
  | `bod${Capitalize<string>}`
  | `body${Letter}${string}`
]?: NoSuchKey<"Rejection", "did you mean `body`?"> };
export type OnlyRejectionKeys = NotKnownOfRejection & NotStatusOfRejection & NotHeadersOfRejection & NotBodyOfRejection;

type NotKnownOfHold = { readonly [_ in
  | `${Exclude<Small, "f" | "m" | "b" | "s" | "c">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"Hold", "its keys are `for`, `messages`, `bytes`, `subprotocol` and `close`"> };
type NotForOfHold = { readonly [_ in
  | `f${Exclude<Small, "o">}${string}`
  | `f${Capitalize<string>}`
  | `fo${Exclude<Small, "r">}${string}`
  | `fo${Capitalize<string>}`
  | `for${Letter}${string}`
]?: NoSuchKey<"Hold", "did you mean `for`?"> };
type NotMessagesOfHold = { readonly [_ in
  | `m${Exclude<Small, "e">}${string}`
  | `m${Capitalize<string>}`
  | `me${Exclude<Small, "s">}${string}`
  | `me${Capitalize<string>}`
  | `mes${Exclude<Small, "s">}${string}`
  | `mes${Capitalize<string>}`
  | `mess${Exclude<Small, "a">}${string}`
  | `mess${Capitalize<string>}`
  | `messa${Exclude<Small, "g">}${string}`
  | `messa${Capitalize<string>}`
  | `messag${Exclude<Small, "e">}${string}`
  | `messag${Capitalize<string>}`
  | `message${Exclude<Small, "s">}${string}`
  | `message${Capitalize<string>}`
  | `messages${Letter}${string}`
]?: NoSuchKey<"Hold", "did you mean `messages`?"> };
type NotBytesOfHold = { readonly [_ in
  | `b${Exclude<Small, "y">}${string}`
  | `b${Capitalize<string>}`
  | `by${Exclude<Small, "t">}${string}`
  | `by${Capitalize<string>}`
  | `byt${Exclude<Small, "e">}${string}`
  | `byt${Capitalize<string>}`
  | `byte${Exclude<Small, "s">}${string}`
  | `byte${Capitalize<string>}`
  | `bytes${Letter}${string}`
]?: NoSuchKey<"Hold", "did you mean `bytes`?"> };
type NotSubprotocolOfHold = { readonly [_ in
  | `s${Exclude<Small, "u">}${string}`
  | `s${Capitalize<string>}`
  | `su${Exclude<Small, "b">}${string}`
  | `su${Capitalize<string>}`
  | `sub${Exclude<Small, "p">}${string}`
  | `sub${Capitalize<string>}`
  | `subp${Exclude<Small, "r">}${string}`
  | `subp${Capitalize<string>}`
  | `subpr${Exclude<Small, "o">}${string}`
  | `subpr${Capitalize<string>}`
  | `subpro${Exclude<Small, "t">}${string}`
  | `subpro${Capitalize<string>}`
  | `subprot${Exclude<Small, "o">}${string}`
  | `subprot${Capitalize<string>}`
  | `subproto${Exclude<Small, "c">}${string}`
  | `subproto${Capitalize<string>}`
  | `subprotoc${Exclude<Small, "o">}${string}`
  | `subprotoc${Capitalize<string>}`
  | `subprotoco${Exclude<Small, "l">}${string}`
  | `subprotoco${Capitalize<string>}`
  | `subprotocol${Letter}${string}`
]?: NoSuchKey<"Hold", "did you mean `subprotocol`?"> };
type NotCloseOfHold = { readonly [_ in
  | `c${Exclude<Small, "l">}${string}`
  | `c${Capitalize<string>}`
  | `cl${Exclude<Small, "o">}${string}`
  | `cl${Capitalize<string>}`
  | `clo${Exclude<Small, "s">}${string}`
  | `clo${Capitalize<string>}`
  | `clos${Exclude<Small, "e">}${string}`
  | `clos${Capitalize<string>}`
  | `close${Letter}${string}`
]?: NoSuchKey<"Hold", "did you mean `close`?"> };
export type OnlyHoldKeys = NotKnownOfHold & NotForOfHold & NotMessagesOfHold & NotBytesOfHold & NotSubprotocolOfHold & NotCloseOfHold;

type NotKnownOfNewContent = { readonly [_ in
  | `${Exclude<Small, "b" | "s" | "r">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"NewContent", "its keys are `body`, `set` and `remove`"> };
type NotBodyOfNewContent = { readonly [_ in
  | `b${Exclude<Small, "o">}${string}`
  | `b${Capitalize<string>}`
  | `bo${Exclude<Small, "d">}${string}`
  | `bo${Capitalize<string>}`
  | `bod${Exclude<Small, "y">}${string}`
  | `bod${Capitalize<string>}`
  | `body${Letter}${string}`
]?: NoSuchKey<"NewContent", "did you mean `body`?"> };
type NotSetOfNewContent = { readonly [_ in
  | `s${Exclude<Small, "e">}${string}`
  | `s${Capitalize<string>}`
  | `se${Exclude<Small, "t">}${string}`
  | `se${Capitalize<string>}`
  | `set${Letter}${string}`
]?: NoSuchKey<"NewContent", "did you mean `set`?"> };
type NotRemoveOfNewContent = { readonly [_ in
  | `r${Exclude<Small, "e">}${string}`
  | `r${Capitalize<string>}`
  | `re${Exclude<Small, "m">}${string}`
  | `re${Capitalize<string>}`
  | `rem${Exclude<Small, "o">}${string}`
  | `rem${Capitalize<string>}`
  | `remo${Exclude<Small, "v">}${string}`
  | `remo${Capitalize<string>}`
  | `remov${Exclude<Small, "e">}${string}`
  | `remov${Capitalize<string>}`
  | `remove${Letter}${string}`
]?: NoSuchKey<"NewContent", "did you mean `remove`?"> };
export type OnlyNewContentKeys = NotKnownOfNewContent & NotBodyOfNewContent & NotSetOfNewContent & NotRemoveOfNewContent;

type NotKnownOfNextTick = { readonly [_ in
  | `${Exclude<Small, "i" | "a">}${string}`
  | `${Capitalize<string>}`
]?: NoSuchKey<"NextTick", "its keys are `in` and `at`"> };
type NotInOfNextTick = { readonly [_ in
  | `i${Exclude<Small, "n">}${string}`
  | `i${Capitalize<string>}`
  | `in${Letter}${string}`
]?: NoSuchKey<"NextTick", "did you mean `in`?"> };
type NotAtOfNextTick = { readonly [_ in
  | `a${Exclude<Small, "t">}${string}`
  | `a${Capitalize<string>}`
  | `at${Letter}${string}`
]?: NoSuchKey<"NextTick", "did you mean `at`?"> };
export type OnlyNextTickKeys = NotKnownOfNextTick & NotInOfNextTick & NotAtOfNextTick;
