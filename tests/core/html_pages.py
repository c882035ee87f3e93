"""Pages in the manner of those that are out there, written for the tests. `@` in each is where the
tag belongs and no part of the page; a text without it gets none."""

PLACED = {
    "plain": "<!DOCTYPE html>\n<html lang=en>\n<head>@\n<meta charset=utf-8><title>a</title>",
    "upper case": '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">\r\n<HTML><HEAD>@<TITLE>A',
    "of 1996": "<HTML>\n<HEAD>@\n<TITLE>Home of the modem</TITLE>\n</HEAD>\n<BODY BGCOLOR=#FFFFFF>",
    "no head": "<!doctype html><html>@<title>a</title><body><p>b",
    "no html": "<!doctype html><head>@<title>a</title>",
    "doctype alone": "<!doctype html>@<title>a</title><p>b",
    "html alone": "<html>@<body>text",
    "head first": "<head>@<title>a</title></head><body>",
    "title first": "@<title>Old page</title><h1>Hello</h1>",
    "body first": "\n@<BODY TEXT=black><CENTER>1995</CENTER></BODY>",
    "frames": "<html><head>@<title>f</title></head><frameset cols='20%,*'><frame src=a>",
    "frames at once": "@<FRAMESET ROWS='*,*'><FRAME SRC='a.html'></FRAMESET>",
    "meta first": "<!-- made by hand -->\n@<meta charset=utf-8><title>a</title>",
    "white space": "\r\n\t \f<!DOCTYPE html>\n\n<html>\n\n<head>@\n</head>",
    "comment before the doctype": "<!-- saved from (0014)about:internet --><!DOCTYPE html><head>@",
    "comments everywhere": "<!--a--><!doctype html><!----><!--> <!---><html><!-- -- --!><head>@",
    "head in a comment": "<!doctype html><!-- <html><head> --><html><!--<head>--><head>@<p>",
    "comment with a tag's end": "<!-- a > b --> <!doctype html> <!-- <!-- --> <html> <head>@",
    "head in an attribute": "<html data-x='<head>' title=\"a > b <head>\"><head data-y='>'>@<b>",
    "quotes within values": "<html lang=en\" class=a'b><head>@<title>",
    "equals signs": "<html = a=b =c='>'><head/>@<title>",
    "a value that is missing": "<html lang=><head>@<title>",
    "spaces around equals": "<html lang = 'a>b' dir\n=\n\"x>y\"><head  >@<title>",
    "slashes": '<html/ /xmlns="a"/><head/id="h">@<title>',
    "only a header": "<!doctype html><html>@<header><h1>a</h1></header>",
    "header before the head": "<!doctype html>@<header></header><head></head>",
    "a tag that begins like head": "<html>@<heading></heading><head>",
    "head in a script": "<html>@<script>document.write('<head>')</script><head>",
    "text before the head": "<!doctype html><html>@ text <head>",
    "entity before the head": "<!doctype html>@&nbsp;<html><head>",
    "an end tag": "<!doctype html><html>@</html><head>",
    "xml declaration": '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE html PUBLIC'
    ' "-//W3C//DTD XHTML 1.0 Strict//EN" "x">\n<html xmlns="a"><head>@<title/>',
    "bogus comments": "<!bogus><!><!-x><? php ?><!doctype html><! y ><html><head>@",
    "conditional comments": '<!DOCTYPE html><!--[if lt IE 7]><html class="ie6"><![endif]-->'
    '<!--[if gt IE 8]><!--><html class="no-js"><!--<![endif]--><head>@<meta charset="utf-8">',
    "two html tags": "<!doctype html><html lang=en><html dir=ltr><head>@",
    "two doctypes": "<!doctype html><!doctype html><head>@",
    "a doctype without name": "<!doctype><html><head>@",
    "a doctype without space": "<!DOCTYPEhtml><html><head>@",
    "a quote in the doctype": '<!DOCTYPE html PUBLIC "a > b"><html><head>'.replace(
        "> b", ">@ b"
    ),  # as browsers read it, the first > is the end
    "custom element": "<!doctype html>@<my-head><head></head></my-head>",
    "app shell": '<!doctype html><html lang="de"><head>@<base href="/app/"><script type="module"'
    ' crossorigin src="/assets/index-4f.js"></script></head><body><div id="app"></div>',
    "the end after the doctype": "<!doctype html>@",
    "the end after html": "<!doctype html><html>@",
}
UNPLACED = {
    "empty": "",
    "white space alone": "\n \t",
    "text": "pong",
    "json": '{"html": "<html><head>"}',
    "a number": "404",
    "fragment": "<div class=row><head></head></div>",
    "table row": "<tr><td>1</td></tr>",
    "fragment after a comment": "<!-- list --><ul><li>a</ul>",
    "list of options": "<option>a<option>b",
    "script": "<script>location='/x'</script>",
    "header": "<header><head></header>",
    "end tag": "</head><html>",
    "less than": "< html><head>",
    "svg": "<svg xmlns='http://www.w3.org/2000/svg'><title>a</title></svg>",
    "xml": '<?xml version="1.0"?><feed><head/></feed>',
    "comment alone": "<!-- nothing here -->",
    "comment without end": "<!-- <html><head>",
    "the end within a comment": "<!doctype html><html><!-- never ends <head>",
    "the end within a tag": "<!doctype html><html lang='en",
    "the end within head": "<html><hea",
    "a tag without end": "<title",
    "zero bytes": "\0<html><head>",
    "htmlish": "<htmls><head>",
}


def split(marked: str) -> tuple[str, int]:
    """Return the page, and where the tag belongs, in characters; -1 for nowhere."""
    return marked.replace("@", ""), marked.find("@")
