"""The local stack: a local AWS, both stages deployed to it, an offline Twilio, phones and faults. Never deployed."""

NOT_UP = "the local stack is not up; run: ./sms local up"
