"""What an app does first, with the Python client of openapi-generator."""

import os
import time
import urllib.request
import uuid

import openapi_client as api


def code_for(number):
    with urllib.request.urlopen(os.environ["CODES"] + number[1:]) as answer:
        return answer.read().decode()


class Client:
    def __init__(self, access_token=None):
        client = api.ApiClient(api.Configuration(host=os.environ["ORIGIN"], access_token=access_token))
        self.authentication = api.AuthenticationApi(client)
        self.profile = api.ProfileApi(client)
        self.contacts = api.ContactsApi(client)
        self.chats = api.ChatsApi(client)
        self.messages = api.MessagesApi(client)
        self.realtime = api.RealtimeApi(client)
        self.files = api.FilesApi(client)


def sign_in(number):
    opened = Client().authentication.send_otp(api.OtpRequest(phone_number=number))
    check = api.OtpCheck(verification_id=opened.verification_id, code=code_for(number), platform=api.Platform.ANDROID)
    signed_in = Client().authentication.verify_otp(check)
    return Client(signed_in.tokens.access_token), signed_in.user.id


is_grown = os.environ["GROWN"] == "true"
(ana, ana_id), (ben, ben_id) = sign_in(os.environ["ANA"]), sign_in(os.environ["BEN"])
sessions = ana.authentication.list_sessions()
assert len(sessions.items) == 1 and sessions.next_cursor is None, sessions
print("signs two users in", flush=True)

me = ana.profile.update_me(api.ProfileChange(about="At sea"))
assert me.about == "At sea", me
me = ana.profile.update_me(api.ProfileChange(about=None))
assert me.about is None, me
print("changes a field of the profile and clears it", flush=True)

found = ana.contacts.find_contacts(api.ContactQuery(phone_numbers=[os.environ["BEN"], "nobody"]))
assert [match.user.id for match in found.matches] == [ben_id] and found.invalid == ["nobody"], found
ana.contacts.save_contact(ben_id, api.ContactDetails(name="Ben"))
ben.contacts.save_contact(ana_id, api.ContactDetails())
assert ana.contacts.list_contacts().items[0].name == "Ben"
print("finds and saves a contact", flush=True)

content = os.urandom(100_000)
stored = ana.files.upload_file(("bytes.bin", content))
assert bytes(ana.files.get_file(stored.id)) == content
assert ana.files.list_files().usage.bytes_max > 2**31
print("uploads a file and downloads the same bytes", flush=True)

message = api.OutgoingMessage(client_message_id=str(uuid.uuid4()), text="Look!", attachment_file_ids=[stored.id])
sent = ana.messages.send_message(ben_id, message)
assert ana.messages.send_message(ben_id, message).id == sent.id
assert len(ana.messages.add_reaction(ben_id, sent.id, "#\ufe0f\u20e3").reactions) == 1
print("sends a message once, and reacts to it", flush=True)

end = time.monotonic() + 30
while not (page := ben.messages.list_messages(ana_id, limit=10)).items and time.monotonic() < end:
    time.sleep(0.1)
assert page.items[0].text == "Look!" and page.items[0].attachments[0].size == 100_000, page
chats = ben.chats.list_chats().items
assert is_grown == (chats[0].kind != api.ChatKind.DIRECT.value), chats
assert is_grown == any(chat.id == "grp_01KAT5M8E1T3P5Y7W9D2C4V6BN" for chat in chats), chats
print("lists the messages that arrived", flush=True)

changes = ben.realtime.list_changes()
assert changes.messages and not changes.has_more, changes
assert not ben.realtime.list_changes(cursor=changes.cursor).reset
print("follows the changes", flush=True)

try:
    ana.messages.get_message(ben_id, "msg_00000000000000000000000000")
    raise AssertionError("a message that nobody wrote")
except api.exceptions.NotFoundException as error:
    assert error.data.code == os.environ["CODE"] and error.data.status == 404, error.data
print("reads the code of a problem", flush=True)
