// What an app does first, with the Kotlin client of openapi-generator.
package clients

import java.io.File
import java.net.URI
import java.util.UUID
import kotlin.random.Random
import org.openapitools.client.apis.*
import org.openapitools.client.infrastructure.ApiClient
import org.openapitools.client.infrastructure.ClientError
import org.openapitools.client.infrastructure.ClientException
import org.openapitools.client.infrastructure.Serializer
import org.openapitools.client.models.*

val origin: String = System.getenv("ORIGIN")

fun codeFor(number: String) = URI(System.getenv("CODES") + number.drop(1)).toURL().readText()

class User(number: String) {
    private val accessToken: String
    val id: String

    init {
        val authentication = AuthenticationApi(origin)
        val opened = authentication.sendOtp(OtpRequest(phoneNumber = number))
        val check = OtpCheck(opened.verificationId, codeFor(number), platform = Platform.android)
        val signedIn = authentication.verifyOtp(check)
        accessToken = signedIn.tokens.accessToken
        id = signedIn.user.id
    }

    fun <Api : ApiClient> with(api: Api) = api.also { it.accessTokenProvider = { accessToken } }
}

fun main() {
    val isGrown = System.getenv("GROWN") == "true"
    val ana = User(System.getenv("ANA"))
    val ben = User(System.getenv("BEN"))
    val sessions = ana.with(AuthenticationApi(origin)).listSessions()
    check(sessions.items.size == 1 && sessions.nextCursor == null) { sessions }
    println("signs two users in")

    val profile = ana.with(ProfileApi(origin))
    check(profile.updateMe(ProfileChange(about = "At sea")).about == "At sea")
    if (System.getenv("CLEARS_BY_EMPTY_TEXT") == "true") {
        // Moshi leaves null out.
        check(profile.updateMe(ProfileChange(about = "")).about == null)
        println("changes a field of the profile and clears it")
    }

    val contacts = ana.with(ContactsApi(origin))
    val found = contacts.findContacts(ContactQuery(listOf(System.getenv("BEN"), "nobody")))
    check(found.matches.map { it.user.id } == listOf(ben.id) && found.invalid == listOf("nobody")) { found }
    contacts.saveContact(ben.id, ContactDetails(name = "Ben"))
    ben.with(ContactsApi(origin)).saveContact(ana.id, ContactDetails())
    check(contacts.listContacts().items[0].name == "Ben")
    println("finds and saves a contact")

    val content = Random.nextBytes(100_000)
    val bytes = File.createTempFile("kotlin-", ".bin").apply { writeBytes(content) }
    val files = ana.with(FilesApi(origin))
    val stored = files.uploadFile(bytes)
    val downloaded = files.getFile(stored.id)
    check(downloaded.readBytes().contentEquals(content)) { "other bytes" }
    check(bytes.delete() && downloaded.delete())
    check(files.listFiles().usage.bytesMax > Int.MAX_VALUE)
    println("uploads a file and downloads the same bytes")

    val messages = ana.with(MessagesApi(origin))
    val message = OutgoingMessage(UUID.randomUUID().toString(), "Look!", setOf(stored.id))
    val sent = messages.sendMessage(ben.id, message)
    check(messages.sendMessage(ben.id, message).id == sent.id) { "two messages" }
    check(messages.addReaction(ben.id, sent.id, "#\ufe0f\u20e3").reactions.size == 1)
    println("sends a message once, and reacts to it")

    val received = ben.with(MessagesApi(origin))
    val end = System.nanoTime() + 30_000_000_000
    var page = received.listMessages(ana.id, limit = 10).items
    while (page.isEmpty() && System.nanoTime() < end) {
        Thread.sleep(100)
        page = received.listMessages(ana.id, limit = 10).items
    }
    check(page[0].text == "Look!" && page[0].attachments[0].propertySize == 100_000L) { page }
    val chats = ben.with(ChatsApi(origin)).listChats().items
    check(isGrown == (chats[0].kind != ChatKind.direct.value)) { chats }
    check(isGrown == chats.any { it.id == "grp_01KAT5M8E1T3P5Y7W9D2C4V6BN" }) { chats }
    println("lists the messages that arrived")

    val realtime = ben.with(RealtimeApi(origin))
    val changes = realtime.listChanges()
    check(changes.messages.isNotEmpty() && !changes.hasMore) { changes }
    check(!realtime.listChanges(cursor = changes.cursor).reset)
    println("follows the changes")

    try {
        messages.getMessage(ben.id, "msg_00000000000000000000000000")
        error("a message that nobody wrote")
    } catch (exception: ClientException) {
        val body = (exception.response as ClientError<*>).body as String
        val problem = Serializer.moshi.adapter(Problem::class.java).fromJson(body)
        check(problem?.code == System.getenv("CODE") && problem?.status == 404) { body }
    }
    println("reads the code of a problem")
    kotlin.system.exitProcess(0)
}
