"""What people type in the thread, and what must be understood of it. Written before the code that understands it.

Every group: the open question, what must be heard, and the texts. What must be heard is written like this:
`footprint=aws` an answer, `training=sporadic!` one that changes an earlier answer, several with spaces between them;
`unclear` asked back, `unclear:3,4` with these candidates; `chatter`; `quiet` either of the two; `unsure`;
`back`, `help` and so on a command. HELD_OUT was written at the same time and is never looked at while tuning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

F, T, E, R, M = "footprint", "training", "microsoft_ea", "inference_regions", "mlops_capacity"
Group = tuple[str | None, str, tuple[str, ...]]


@dataclass(frozen=True)
class Utterance:
    """One message, the question that was open, and what must be heard."""

    id: str
    text: str
    asked: str | None
    heard: str
    must: bool = False
    held_out: bool = False


# What the issue and the first page of any demonstration hold: every row exact.
MUST: tuple[Group, ...] = (
    (F, "footprint=aws", ("we run everything on AWS", "AWS", "aws", "We're on AWS.", "AWS, right?", "AWS, not Azure")),
    (F, "footprint=azure", ("Azure", "we use Azure", "all in on Azure")),
    (F, "footprint=both", ("both", "AWS and Azure", "AWS &amp; Azure")),
    (F, "footprint=none", ("neither", "all on-prem, no cloud")),
    (F, "unclear", ("AWS or Azure?", "not AWS", "what do you mean by significant?", "5", "yes", "no", "1", "GCP")),
    (T, "training=sporadic", ("now and then", "every night", "weekly retraining", "ad hoc")),
    (T, "training=continuous", ("24/7", "all the time", "around the clock")),
    (T, "training=none", ("we don't train", "we only do inference")),
    (E, "microsoft_ea=yes", ("yes", "y", "yep", "we have an EA", ":+1:", ":thumbsup:", "ja", "oui", "はい")),
    (E, "microsoft_ea=no", ("no", "n", "nope", "no EA", ":-1:", "nein", "нет", "いいえ")),
    (E, "unclear", ("yes and no", "probably not", "I think so", "5")),
    (R, "inference_regions=5", ("about 5 regions", "5", "five", "~5", "5ish")),
    (R, "inference_regions=0", ("none", "zero", "we don't serve", "training only")),
    (R, "inference_regions=12", ("a dozen",)),
    (R, "inference_regions=3", ("us-east-1, eu-west-1 and Tokyo",)),
    (R, "unclear:3,4", ("3-4 regions",)),
    (R, "unclear", ("3.5 regions", "-2", "70 regions", "some", "many", "at least 3", "more than 3", "maybe 5 or 6 regions")),
    (M, "mlops_capacity=yes", ("yes", "yes we can", "sure")),
    (M, "mlops_capacity=no", ("no", "we can't", "nope")),
    (F, "footprint=aws training=sporadic microsoft_ea=no inference_regions=5 mlops_capacity=yes", (
        "we're on AWS, train nightly, no EA, 5 regions, can run k8s ourselves",
    )),
    (F, "footprint=aws microsoft_ea=no inference_regions=5", ("AWS, 5 regions, no EA",)),
    (T, "footprint=azure!", ("actually we're on Azure",)),
    (E, "training=continuous!", ("change question 2 to continuous",)),
    (M, "inference_regions=3!", ("sorry, 3 regions not 5",)),
    (F, "footprint=both", ("no wait, both",)),
    (T, "footprint=both!", ("no wait, both",)),
    (F, "unsure", ("not sure", "no idea", "dunno", "skip", "pass")),
    (E, "unsure", ("not sure", "idk")),
    (T, "help", ("help",)),
    (T, "back", ("back", "go back")),
    (T, "restart", ("restart", "start over")),
    (T, "cancel", ("cancel", "stop", "never mind")),
    (None, "typical", ("use typical numbers",)),
    (None, "numbers", ("enter my numbers",)),
    (T, "status", ("where were we",)),
    (E, "chatter", ("thanks", "hello", "lol", "one sec", "let me check with Bob")),
)  # fmt: skip

TUNED: tuple[Group, ...] = (
    (F, "footprint=aws", (
        "Everything is in AWS", "we are an AWS shop", "Amazon", "amazon web services", "AWS only", "just aws", "mostly AWS",
        "our whole data platform runs on aws", "AWS mainly", "its all on amazon web services", "AWS :cloud:", "<@U012ABC> AWS",
        "hi, we're on AWS", "AWS!!!", "aws pls", "We host everything on AWS (since 2015)", "*AWS*", "we run on aws, nothing on azure",
        "no, we're on AWS", "Definitely AWS.", "yes, AWS", "AWS, no Azure at all", "Our data lake and all our services live in AWS",
    )),
    (F, "footprint=azure", (
        "azure only", "We're all Azure", "azrue", "Microsoft Azure", "100% Azure", "everything's on azure", "we are a Microsoft Azure shop",
        "not AWS but Azure", "Azure, we left AWS out", "AWS... no wait, Azure", "primarily azure",
    )),
    (F, "footprint=both", (
        "both of them", "aws + azure", "we have both", "We use AWS and Azure", "Both clouds", "Azure and AWS", "half and half", "a mix of both",
        "AWS as well as Azure", "both, AWS and Azure",
    )),
    (F, "footprint=none", (
        "none", "Neither of them", "neither AWS nor Azure", "nowhere", "nothing yet", "we're greenfield", "GCP only", "everything is on GCP",
        "on-prem only", "we only run on-prem", "no cloud at all", "none of the above", "nothing significant yet",
    )),
    (F, "unclear", (
        "AWS?", "AWS/Azure", "some AWS", "probably AWS", "on-prem", "multi-cloud", "we're moving to AWS", "AWS next year",
        "we used to be on AWS", "I hate AWS", "AWS is too expensive", "either", "it depends", "mostly AWS, a bit of Azure", "the cloud",
        "three", "what about GCP", "does a trial account count?", "we have AWS credits", "nope", "not Azure", "we don't use AWS", "4",
        "AWS and GCP", "AWS or Azure", "our customers are on AWS", "lots of it", "if we had to choose, AWS", "banana",
        "we might go with Azure", "we're evaluating Azure",
    )),
    (T, "training=sporadic", (
        "once a week", "monthly", "we retrain every month", "occasionally", "from time to time", "Now & then", "sporadically", "about once a month",
        "a retraining run every quarter", "when needed", "on demand", "we fine-tune now and then", "nightly", "every few weeks", "weekly",
        "sometimes", "twice a month", "rarely", "in bursts", "ocasionally", "we train once in a while",
    )),
    (T, "training=continuous", (
        "continuously", "continuous", "constantly", "non-stop", "24x7", "round the clock", "we train around the clock", "always",
        "the GPUs never stop", "pretty much all the time", "our machines are busy most of the month", "contiuously", "day and night",
    )),
    (T, "training=none", (
        "no training", "We do not train", "not at all", "never", "inference only", "we just use OpenAI APIs", "we don't",
        "none", "we only serve pretrained models", "dont train", "we never train", "only inference",
    )),
    (T, "unclear", (
        "yes", "no", "with PyTorch", "on GPUs", "sometimes continuously, sometimes never", "it varies", "we train", "not continuously",
        "how often is often?", "maybe weekly", "we plan to train continuously", "on 8 A100s", "carefully", "weekly or 24/7", "2", "what counts as training?",
        "a lot", "not weekly", "depends on the project", "hourly",
    )),
    (E, "microsoft_ea=yes", (
        "Yes, we do", "yeah", "Yup!", "yes it is", "we do", "we've got an enterprise agreement", "there is an EA", "yes, until 2027", "sí", "si", "sim",
        "da", "да", "так", "evet", "はい。", "是的", "네", "हाँ", "نعم", "kyllä", "tak, mamy", "ano", "jawohl", "yes :tada:", "YES",
        "EA: yes", "our EA is in force", "👍", "absolutely", "of course", "correct", "yes we have one", "hai", "yes please", "jep", "our EA runs until 2028",
    )),
    (E, "microsoft_ea=no", (
        "No.", "nah", "NOPE", "we don't", "we do not have one", "no, never had one", "não", "non", "nej", "nie", "ei", "hayır", "不是", "아니요",
        "नहीं", "لا", "nee", "not yet", "No Enterprise Agreement", "we don't have an EA", "👎", ":x:", "of course not", "there is none", "nyet",
        "we have no EA", "definitely not", "negative", "no :slightly_frowning_face:", "ні", "no microsoft agreement here", "not at all", "without an EA",
    )),
    (E, "unclear", (
        "yes?", "yes, expired last year", "maybe", "I think so", "what is an EA?", "yes but only for Office", "we're negotiating one", "EA",
        "kind of", "no wait", "yeah right", "ne", "it expired", "AWS", "next year", "we have an MCA", "possibly", "is CSP the same?", "yeah no", "I guess",
        "I don't think so", "we had one", "yes or no",
    )),
    (E, "unsure", ("I don't know", "no clue", ":shrug:", "I'm not sure", "don't know if we have one", "skip this one", "beats me", "n/a?", "keine Ahnung")),
    (R, "inference_regions=1", ("one", "1 region", "just one", "only one region", "a single region", "single region", "one, in Frankfurt", "us-east-1", "just 1")),
    (R, "inference_regions=2", ("two regions", "2 regions: us-east-1 and eu-west-1", "Frankfurt and Ireland", "eu-west-1 & us-west-2", "we need two")),
    (R, "inference_regions=3", ("3 regions", "3, sorry for the delay", "approximately three", "three please", "roughly 3", "4, sorry, 3", "3 regions, not 5",
                                "We must serve 3 regions", "３", "3 regoins", ":three:", "exactly 3", "3.0", "we serve from 3 regions")),
    (R, "inference_regions=25", ("twenty five", "twenty-five regions", "25")),
    (R, "inference_regions=6", ("half a dozen", "six regions worldwide", "around 6")),
    (R, "inference_regions=60", ("60", "sixty")),
    (R, "inference_regions=0", ("0", "no regions", "none at all", "no serving", "0 regions", "we don't serve anything", "we do not serve inference", "none, training only",
                                "no inference", "nil")),
    (R, "unclear", (
        "61", "a few", "several", "a couple", "a handful", "5+", "up to 5", "between 3 and 5", "3 or 4", "5 endpoints", "5 countries", "US and EU", "yes", "no",
        "all of them", "5 users", "as many as possible", "1.5", "1000", "3, maybe 4", "3 now, 5 next year", "not 5", "how many do I need?", "worldwide",
        "less than 4", "nearly 5", "max 3", "I think 5", "5?", "us-east-1 and the office in Ohio", "3/4", "<5", "&gt;3", "five or so customers", "99999999999999999999",
        "twelve hundred", "two to three", "$5", "5%", "5k",
    )),
    (M, "mlops_capacity=yes", (
        "yeah we can", "we can", "absolutely", "yes, we run our own kubernetes clusters", "we run our own k8s", "they can", "sí", "Yes!", "of course", "our team can run raw infrastructure",
    )),
    (M, "mlops_capacity=no", (
        "no way", "not at all", "we cannot", "nobody here can", "we don't have the people", "no, just data scientists", "hell no", "can't", "we have no ops team", "nobody",
        "no, we need managed services", "non", "our team can not run raw infrastructure",
    )),
    (M, "unclear", (
        "not really", "we have a platform team", "two SREs who live in kubernetes", "kind of", "if we have to", "with some training", "what is raw?", "maybe", "we could",
        "sometimes", "some of them", "we'd rather not", "raw", "3", "yes, but not at night", "we can learn",
    )),
    (T, "footprint=aws!", ("actually AWS", "correction: we're on AWS", "I meant AWS for the first question", "change question 1 to aws", "q1: aws", "footprint should be AWS")),
    (R, "training=sporadic!", ("change training to now and then", "actually weekly", "oops, we train weekly", "question 2 is sporadic")),
    (R, "microsoft_ea=yes!", ("actually we do have an EA", "change question 3 to yes", "wait, we have an EA")),
    (R, "microsoft_ea=no!", ("sorry, no EA", "change EA to no")),
    (M, "inference_regions=4!", ("make it 4 regions", "actually 4 regions", "change the number of regions to 4", "question 4: 4", "regions: 4")),
    (None, "inference_regions=4!", ("actually 4 regions", "change regions to 4", "q4 = 4")),
    (None, "footprint=azure!", ("actually we're on azure", "change the footprint to Azure", "Azure instead of AWS")),
    (None, "mlops_capacity=no!", ("change question 5 to no", "actually we can't run our own infrastructure")),
    (None, "unclear", ("yes", "5", "no", "actually yes", "change question 2", "change question 9 to yes", "maybe", "actually 5")),
    (R, "unclear", ("actually yes", "change my answer", "that's wrong")),
    (E, "microsoft_ea=yes inference_regions=5", ("yes, and 5 regions", "we have an EA and 5 regions")),
    (T, "training=none inference_regions=3", ("we don't train, 3 regions",)),
    (R, "help", ("help me", "help please", "?", "I need help", "<@U012ABC> help", "how does this work?")),
    (R, "back", ("previous question", "undo", "go back please", "back up", "take me back")),
    (R, "restart", ("start again", "let's start over", "reset", "from the beginning")),
    (R, "cancel", ("quit", "nvm", "forget it", "abort", "stop it")),
    (None, "typical", ("typical", "use the defaults", "typical workload please", "a typical workload", "go with typical")),
    (None, "numbers", ("my own numbers", "I'll enter my numbers", "let me enter my own numbers", "my numbers")),
    (None, "status", ("where are we?", "status", "what did I answer so far?")),
    (R, "chatter", (
        "thank you!", "hi there", "haha", "brb", "hold on", "ok", ":smile:", "good morning", "great", "I'll ask our CFO", "cool, thanks", "hmm", "let me think",
        "give me a minute", "", "   ", "<@U012ABC>", "😀", "no worries", "no problem", "nice one", "wait", "got it", "good question", "back in 5", "brb 5 min",
    )),
    (M, "chatter", ("thx", "checking with the team", "will get back to you", "sorry for the delay")),
    (F, "quiet", ("https://example.org/page", "<https://example.org/5|example.org/5>", "asdf qwer", "lorem ipsum dolor sit amet", "```x = 5```", "...")),
    (R, "quiet", ("asdf", "see you at 5", "meeting at 3pm", "<https://example.org/5|example.org/5>")),
)  # fmt: skip

HELD_OUT: tuple[Group, ...] = (
    (F, "footprint=aws", (
        "We are fully on AWS", "All of our stuff is in AWS", "AWS all the way", "AWS, mainly us-east-1", "it's AWS", "We've been on AWS for years", "Only Amazon",
        "everything lives on AWS today", "AWS obviously", "we're an amazon shop", "hey! aws", "ok so we run on AWS", "AWS and not Azure", "AWS.", "A.W.S.",
        "our production is on aws", "Wir sind auf AWS", "AWS (eu-central-1)",
    )),
    (F, "footprint=azure", (
        "it's Azure", "Azure for everything", "We run all our workloads in Azure", "azure :+1:", "we are on Azzure", "MS Azure", "100% on Azure", "Azure rather than AWS", "AZURE",
    )),
    (F, "footprint=both", ("AWS plus Azure", "on both", "AWS, Azure", "We've got stuff in both", "both actually", "we have AWS and we have Azure", "50/50", "both!")),
    (F, "footprint=none", ("not in any cloud", "neither one", "everything on prem", "no cloud", "we have nothing in the cloud yet", "Neither.", "nothing at all", "our own data center only")),
    (F, "unclear", (
        "Azure maybe", "GCP and some AWS", "Oracle", "we are thinking about AWS", "AWS vs Azure", "why do you ask?", "is AWS ok?", "sort of both", "not sure about that question",
        "AWS if it's cheaper", "we left AWS", "trial account on Azure", "2", "microsoft", "wherever", "on my laptop", "we want Azure", "somewhere in the cloud", "AWS isn't an option",
        "I don't like Azure", "everywhere", "Azure soon", "no AWS",
    )),
    (T, "training=sporadic", (
        "every other week", "each weekend", "once per quarter", "We retrain weekly.", "every so often", "ad-hoc", "a run each month", "twice a year", "only when the data changes",
        "not very often", "now and again", "weekly batch job", "We train models every Sunday", "occasional fine-tuning", "a few times a year",
    )),
    (T, "training=continuous", ("nonstop", "24 / 7", "Around the clock.", "it never stops", "permanently", "continuous training", "our GPUs train 24/7", "round-the-clock", "all day every day")),
    (T, "training=none", ("we do not train at all", "don't train", "no training at all", "serving only", "just inference", "we don't do any training", "we use off-the-shelf models", "zero training")),
    (T, "unclear", ("regularly", "with sagemaker", "it's complicated", "ok", "fast", "every now and then or continuously", "probably monthly", "8 hours a day", "why?", "we used to train weekly",
                    "using spot instances", "5", "nope", "all the time or never, depending")),
    (E, "microsoft_ea=yes", (
        "yes sir", "Yes we do have an EA", "ye", "yess", "affirmative", "certainly", "we do have one", "yes. signed last year", "EA is in place", "indeed", "sì", "joo", "tak jest", "ya", "😀 yes",
        ":white_check_mark:", "YEP", "there is one", "ha ji", "haan", "sure do", "yes indeed", "oui, bien sûr", "ja klar", "对", "yes, we have an enterprise agreement with Microsoft", "true",
    )),
    (E, "microsoft_ea=no", (
        "no we don't", "No, nothing like that", "nopes", "never", "none", "no sir", "nein danke", "ingen", "nei", "no, no EA", "没有", "nahi", "ikke", "nop", "no ea yet", "there isn't",
        "not anymore", "we have none", "absolutely not", "No, we're not a Microsoft customer", "не", "niet", "❌", "No. We buy through a card.", "certainly not",
    )),
    (E, "unclear", ("perhaps", "likely", "not that I know of", "yes, well, no", "should be", "who would know?", "we have something with Microsoft", "ok", "ask procurement", "it's being renewed", "yes and 7", "hopefully",
                    "Not really", "no? yes?", "both", "not yes", "used to", "we will have one")),
    (E, "unsure", ("don't know", "not a clue", "no idea sorry", "I have no idea", "unsure", "can't tell", "🤷", "I really don't know", "je ne sais pas", "pass on this one", "not sure tbh")),
    (R, "inference_regions=1", ("one region is enough", "only 1", "1 only", "just the one", "Only Frankfurt", "one region only", "eu-central-1 only")),
    (R, "inference_regions=4", ("four", "4 of them", "We need 4 regions", "circa 4", "4 regions in total", "4ish regions", "(4)", "it's four", "we have to serve four regions", "4 regions right now", "Inference must run in 4 regions")),
    (R, "inference_regions=7", ("seven regions", "7!", "I'd say 7", "approx. 7", "7 regions across the globe", "≈7", "Seven.", "07")),
    (R, "inference_regions=2", ("London and Sydney", "us-east-1 + westeurope", "two", "2.", "just two regions", "both us-east-1 and eu-west-1")),
    (R, "inference_regions=0", ("nothing", "we don't serve yet", "zero regions", "no need to serve", "only training", "we do training only", "nowhere")),
    (R, "unclear", ("lots", "two or three", "5-7", "one or two", "at most 3", "over 10", "no more than 4", "fewer than five", "some regions", "minimum 2", "Europe", "EU", "5 models", "3 AZs",
                    "around 5 to 6", "depends on the customers", "1st", "half", "one hundred", "-1", "minus one", "2 million", "5 GPUs", "AWS", "nope", "3 x 4", "a region", "maybe one", "12:30", "2026-11-22", "3~5", "perhaps 2",
                    "4 or more", "3.14", "1e3", "regions", "several regions", "not more than 2", "us-east-1 or eu-west-1", "3 regions?")),
    (M, "mlops_capacity=yes", ("yes we have the skills", "sure can", "definitely", "we run our own GPU clusters", "Our team runs bare metal today", "ja", "you bet", "yes, two SREs")),
    (M, "mlops_capacity=no", ("nope, too small a team", "not yet", "no we're all data scientists", "we don't have anyone for that", "no one can", "unfortunately not", "we cannot do that", "no ops people", "never")),
    (M, "unclear", ("partly", "hopefully", "in theory", "we'd need to hire", "our team is great", "only for small clusters", "why is that important?", "depends", "can you?", "I think we can", "we want managed", "not sure we should")),
    (E, "footprint=azure!", ("no sorry, we're on Azure", "correction, footprint is Azure", "change the first answer to Azure", "I meant Azure, not AWS")),
    (M, "training=none!", ("actually we don't train", "change question 2 to we do not train", "scratch that, no training")),
    (M, "inference_regions=6!", ("Correction: 6 regions", "change q4 to 6", "I meant 6 regions", "let's make that 6 regions")),
    (None, "training=continuous!", ("actually we train continuously", "set training to continuous", "question 2 should be around the clock")),
    (None, "unclear", ("AWS?", "nope", "change something", "what now?", "question 3")),
    (T, "training=sporadic microsoft_ea=no", ("weekly, and we have no EA",)),
    (F, "footprint=azure inference_regions=2 microsoft_ea=yes", ("Azure, we have an EA, two regions",)),
    (M, "mlops_capacity=no inference_regions=2!", ("no. and it's actually 2 regions",)),
    (R, "help", ("can you help?", "help!", "please help me", "explain", "??")),
    (R, "back", ("one back", "go to the previous question", "Back.", "can we go back?")),
    (R, "restart", ("restart please", "start from scratch", "let's begin again", "Start over!")),
    (R, "cancel", ("Cancel.", "please stop", "forget about it", "exit", "cancel this")),
    (None, "typical", ("just use typical numbers", "typical numbers are fine", "defaults", "use typical values")),
    (None, "numbers", ("I want to enter my numbers", "use my numbers", "own numbers")),
    (T, "status", ("what was the question?", "where was I?", "what's left?")),
    (R, "chatter", ("ty", "hey", "LOL", "ok thanks", "just a sec", "let me ask around", "hang on", "awesome", "👋", ":tada: :tada:", "good afternoon", "thanks a lot!", "bear with me", "interesting", "oh", "alright",
                    "5 minutes please", "back in a minute", "let me check", "I'll be right back", "merci", "danke")),
    (F, "quiet", ("dfgdfg", "who is this bot", "the weather is nice", "$$$", "¯\\(°_o)/¯", "<!here>", "<#C024BE91L|general>", "@channel", "I love pizza", "how are you?")),
)  # fmt: skip


def _rows(name: str, groups: tuple[Group, ...]) -> Iterator[Utterance]:
    for at, (asked, heard, texts) in enumerate(groups):
        for number, text in enumerate(texts):
            yield Utterance(f"{name}{at}.{number}-{text[:40]}", text, asked, heard, must=name == "must", held_out=name == "held")


UTTERANCES = (*_rows("must", MUST), *_rows("tuned", TUNED), *_rows("held", HELD_OUT))
