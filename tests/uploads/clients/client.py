"""Python's `http.client`, `urllib` and `requests`. Started like the clients of `rounds.mjs`."""

import collections
import http.client
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

KIND, BASE, SIZE, COUNT, PAUSE = sys.argv[1:]
STALE = {"If-Match": '"0"', "Content-Type": "application/json"}
NEW = {"If-None-Match": "*", "Content-Type": "application/json"}
DOCUMENT = b'{"title":"Plan","text":"next"}'
ADDRESS = urllib.parse.urlsplit(BASE)


class ByHttpClient:
    def __init__(self):
        self.connection = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port, timeout=20)

    def put(self, path, fields, content):
        connection = self.connection
        try:
            connection.putrequest("PUT", path)
            for name, value in {**fields, "Content-Length": str(len(content))}.items():
                connection.putheader(name, value)
            connection.endheaders()
            time.sleep(float(PAUSE) / 1000)
            connection.send(content)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except Exception:
            connection.close()
            raise


class ByUrllib:
    def put(self, path, fields, content):
        request = urllib.request.Request(BASE + path, data=content, method="PUT", headers=fields)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.read()
            return error.code


class ByRequests:
    def __init__(self):
        import requests

        self.session = requests.Session()

    def put(self, path, fields, content):
        return self.session.put(BASE + path, data=content, headers=fields, timeout=20).status_code


def status(client, *request):
    try:
        return client.put(*request)
    except Exception as error:
        return type(error).__name__


client = {"http.client": ByHttpClient, "urllib": ByUrllib, "requests": ByRequests}[KIND]()
outcomes = collections.Counter()
content = b"x" * int(SIZE)
for _ in range(int(COUNT)):
    refused = status(client, "/documents/plan", STALE, content)
    made = status(client, f"/documents/{uuid.uuid4()}", NEW, DOCUMENT)
    outcomes[f"{refused} {made}"] += 1
for outcome, number in outcomes.items():
    print(f"{number}\t{outcome}")
