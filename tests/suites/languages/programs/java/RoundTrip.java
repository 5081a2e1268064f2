// What an app does first, with the Java client of openapi-generator.
package clients;

import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.*;
import org.openapitools.client.model.*;

public class RoundTrip {
  static class User {
    final ApiClient http = new ApiClient();
    final String id;

    User(String number) throws Exception {
      http.updateBaseUri(System.getenv("ORIGIN"));
      AuthenticationApi authentication = new AuthenticationApi(http);
      Verification opened = authentication.sendOtp(new OtpRequest().phoneNumber(number));
      OtpCheck check =
          new OtpCheck().verificationId(opened.getVerificationId()).code(codeFor(number)).platform(Platform.ANDROID);
      SignedIn signedIn = authentication.verifyOtp(check);
      String accessToken = signedIn.getTokens().getAccessToken();
      http.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + accessToken));
      id = signedIn.getUser().getId();
    }
  }

  static String codeFor(String number) throws Exception {
    URI address = URI.create(System.getenv("CODES") + number.substring(1));
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  static void expect(boolean holds, Object what) {
    if (!holds) throw new AssertionError(what);
  }

  static Me change(ProfileApi profile, ProfileChange change) throws ApiException {
    return profile.updateMe(ProfileApi.APIUpdateMeRequest.newBuilder().profileChange(change).build());
  }

  public static void main(String[] args) throws Exception {
    boolean isGrown = "true".equals(System.getenv("GROWN"));
    User ana = new User(System.getenv("ANA"));
    User ben = new User(System.getenv("BEN"));
    Sessions sessions = new AuthenticationApi(ana.http).listSessions();
    expect(sessions.getItems().size() == 1 && sessions.getNextCursor() == null, sessions);
    System.out.println("signs two users in");

    ProfileApi profile = new ProfileApi(ana.http);
    expect("At sea".equals(change(profile, new ProfileChange().about("At sea")).getAbout()), "about");
    expect(change(profile, new ProfileChange().about(null)).getAbout() == null, "about is not cleared");
    System.out.println("changes a field of the profile and clears it");

    ContactsApi contacts = new ContactsApi(ana.http);
    Matches found = contacts.findContacts(new ContactQuery().phoneNumbers(List.of(System.getenv("BEN"), "nobody")));
    expect(found.getMatches().size() == 1 && found.getInvalid().equals(List.of("nobody")), found);
    expect(found.getMatches().get(0).getUser().getId().equals(ben.id), found);
    contacts.saveContact(ben.id, new ContactDetails().name("Ben"));
    new ContactsApi(ben.http).saveContact(ana.id, new ContactDetails());
    Contacts saved = contacts.listContacts(ContactsApi.APIListContactsRequest.newBuilder().build());
    expect("Ben".equals(saved.getItems().get(0).getName()), saved);
    System.out.println("finds and saves a contact");

    byte[] content = new byte[100_000];
    new Random().nextBytes(content);
    File bytes = File.createTempFile("java-", ".bin");
    Files.write(bytes.toPath(), content);
    FilesApi files = new FilesApi(ana.http);
    StoredFile stored = files.uploadFile(FilesApi.APIUploadFileRequest.newBuilder()._file(bytes).build());
    File downloaded = files.getFile(FilesApi.APIGetFileRequest.newBuilder().fileId(stored.getId()).build());
    expect(Arrays.equals(Files.readAllBytes(downloaded.toPath()), content), "other bytes");
    expect(bytes.delete() && downloaded.delete(), "temporary files");
    StorageUsage usage = files.listFiles(FilesApi.APIListFilesRequest.newBuilder().build()).getUsage();
    expect(usage.getBytesMax() > Integer.MAX_VALUE, usage);
    System.out.println("uploads a file and downloads the same bytes");

    MessagesApi messages = new MessagesApi(ana.http);
    OutgoingMessage message =
        new OutgoingMessage()
            .clientMessageId(UUID.randomUUID().toString())
            .text("Look!")
            .addAttachmentFileIdsItem(stored.getId());
    Message sent = messages.sendMessage(ben.id, message);
    expect(messages.sendMessage(ben.id, message).getId().equals(sent.getId()), "two messages");
    expect(messages.addReaction(ben.id, sent.getId(), "#\ufe0f\u20e3").getReactions().size() == 1, "reactions");
    System.out.println("sends a message once, and reacts to it");

    MessagesApi received = new MessagesApi(ben.http);
    MessagesApi.APIListMessagesRequest newest =
        MessagesApi.APIListMessagesRequest.newBuilder().chatId(ana.id).limit(10).build();
    List<Message> page = List.of();
    for (long end = System.nanoTime() + 30_000_000_000L; page.isEmpty() && System.nanoTime() < end; Thread.sleep(100))
      page = received.listMessages(newest).getItems();
    expect(page.get(0).getText().equals("Look!") && page.get(0).getAttachments().get(0).getSize() == 100_000, page);
    List<Chat> chats =
        new ChatsApi(ben.http).listChats(ChatsApi.APIListChatsRequest.newBuilder().build()).getItems();
    expect(isGrown == !chats.get(0).getKind().equals(ChatKind.DIRECT.getValue()), chats);
    expect(isGrown == chats.stream().anyMatch(chat -> chat.getId().equals("grp_01KAT5M8E1T3P5Y7W9D2C4V6BN")), chats);
    System.out.println("lists the messages that arrived");

    RealtimeApi realtime = new RealtimeApi(ben.http);
    Changes changes = realtime.listChanges(RealtimeApi.APIListChangesRequest.newBuilder().build());
    expect(!changes.getMessages().isEmpty() && !changes.getHasMore(), changes);
    Changes next =
        realtime.listChanges(RealtimeApi.APIListChangesRequest.newBuilder().cursor(changes.getCursor()).build());
    expect(!next.getReset(), "a full copy again");
    System.out.println("follows the changes");

    try {
      messages.getMessage(ben.id, "msg_00000000000000000000000000");
      throw new AssertionError("a message that nobody wrote");
    } catch (ApiException error) {
      Problem problem = ana.http.getObjectMapper().readValue(error.getResponseBody(), Problem.class);
      expect(problem.getCode().equals(System.getenv("CODE")) && problem.getStatus() == 404, problem);
    }
    System.out.println("reads the code of a problem");
  }
}
