"""Writes transcripts from the queue of an agent's journal: a file for each conversation, a line for each text.

`sms events on NAME --with-text --to ARN` sends texts and addresses there. Start it with the queue's URL.

Entries come at least once and in no order, so each is kept under its id, and the lines are put in order when they are
written. A database with a unique key on `id` does the same.
"""

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path("transcripts")


def keep(entry: dict[str, Any], folder: Path = FOLDER) -> None:
    """Adds an entry to the transcript of its conversation, if it has words; the same one only once."""
    data = entry["data"]
    if data["event"] not in {"received", "sent"} or data["text"] is None or data["conversation"] is None:
        return
    folder.mkdir(exist_ok=True)
    kept_file, transcript = folder / f"{data['conversation']}.json", folder / f"{data['conversation']}.txt"
    kept = json.loads(kept_file.read_text(encoding="utf-8")) if kept_file.exists() else {}
    who = data["person"] if data["event"] == "received" else data["agent"]
    kept.setdefault(entry["id"], [entry["time"], who, data["text"]])
    kept_file.write_text(json.dumps(kept), encoding="utf-8")
    lines = [f"{time} {who}: {text}" for time, who, text in sorted(kept.values())]
    transcript.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(queue_url: str) -> None:
    """Reads the queue for as long as it runs. A message is deleted once it is kept."""
    import boto3  # noqa: PLC0415 -- only what reads a real queue needs it

    sqs = boto3.client("sqs")
    while True:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        for message in answer.get("Messages", []):
            keep(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    main(sys.argv[1])
