// What an app does first, with the Go client of openapi-generator.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	api "clients/openapi"
)

func must[T any](value T, _ *http.Response, err error) T {
	if err != nil {
		if detailed, ok := err.(*api.GenericOpenAPIError); ok {
			err = fmt.Errorf("%w: %s", err, detailed.Body())
		}
		panic(err)
	}
	return value
}

func expect(holds bool, what string, args ...any) {
	if !holds {
		panic(fmt.Sprintf(what, args...))
	}
}

func codeFor(number string) string {
	answer, err := http.Get(os.Getenv("CODES") + number[1:])
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	code, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 {
		panic(fmt.Sprintf("no code: %d %v", answer.StatusCode, err))
	}
	return string(code)
}

type user struct {
	ctx context.Context
	id  string
}

func signIn(client *api.APIClient, number string) user {
	ctx := context.Background()
	opened := must(client.AuthenticationAPI.SendOtp(ctx).OtpRequest(*api.NewOtpRequest(number)).Execute())
	check := api.NewOtpCheck(opened.VerificationId, codeFor(number))
	check.SetPlatform(api.ANDROID)
	signedIn := must(client.AuthenticationAPI.VerifyOtp(ctx).OtpCheck(*check).Execute())
	return user{context.WithValue(ctx, api.ContextAccessToken, signedIn.Tokens.AccessToken), signedIn.User.Id}
}

func main() {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: os.Getenv("ORIGIN")}}
	client := api.NewAPIClient(configuration)
	isGrown := os.Getenv("GROWN") == "true"

	ana, ben := signIn(client, os.Getenv("ANA")), signIn(client, os.Getenv("BEN"))
	sessions := must(client.AuthenticationAPI.ListSessions(ana.ctx).Execute())
	expect(len(sessions.Items) == 1 && sessions.NextCursor.Get() == nil, "sessions: %v", sessions)
	fmt.Println("signs two users in")

	change := api.NewProfileChange()
	change.SetAbout("At sea")
	me := must(client.ProfileAPI.UpdateMe(ana.ctx).ProfileChange(*change).Execute())
	expect(me.GetAbout() == "At sea", "about: %s", me.GetAbout())
	change = api.NewProfileChange()
	change.SetAboutNil()
	me = must(client.ProfileAPI.UpdateMe(ana.ctx).ProfileChange(*change).Execute())
	expect(me.About.Get() == nil, "about is not cleared")
	fmt.Println("changes a field of the profile and clears it")

	found := must(client.ContactsAPI.FindContacts(ana.ctx).ContactQuery(*api.NewContactQuery([]string{os.Getenv("BEN"), "nobody"})).Execute())
	expect(len(found.Matches) == 1 && found.Matches[0].User.Id == ben.id && len(found.Invalid) == 1, "matches: %v", found)
	details := api.NewContactDetails()
	details.SetName("Ben")
	must(client.ContactsAPI.SaveContact(ana.ctx, ben.id).ContactDetails(*details).Execute())
	must(client.ContactsAPI.SaveContact(ben.ctx, ana.id).ContactDetails(*api.NewContactDetails()).Execute())
	contacts := must(client.ContactsAPI.ListContacts(ana.ctx).Execute())
	expect(contacts.Items[0].GetName() == "Ben", "contacts: %v", contacts)
	fmt.Println("finds and saves a contact")

	content := make([]byte, 100_000)
	_, _ = rand.Read(content)
	name := filepath.Join(os.TempDir(), fmt.Sprintf("go-%d.bin", os.Getpid()))
	if err := os.WriteFile(name, content, 0o600); err != nil {
		panic(err)
	}
	defer os.Remove(name)
	opened, _ := os.Open(name)
	stored := must(client.FilesAPI.UploadFile(ana.ctx).File(opened).Execute())
	downloaded := must(client.FilesAPI.GetFile(ana.ctx, stored.Id).Execute())
	received, _ := os.ReadFile(downloaded.Name())
	os.Remove(downloaded.Name())
	expect(bytes.Equal(received, content), "%d other bytes", len(received))
	files := must(client.FilesAPI.ListFiles(ana.ctx).Execute())
	expect(files.Usage.BytesMax > 1<<31, "bytesMax: %d", files.Usage.BytesMax)
	fmt.Println("uploads a file and downloads the same bytes")

	message := api.NewOutgoingMessage(fmt.Sprintf("go-%d", time.Now().UnixNano()))
	message.SetText("Look!")
	message.SetAttachmentFileIds([]string{stored.Id})
	sent := must(client.MessagesAPI.SendMessage(ana.ctx, ben.id).OutgoingMessage(*message).Execute())
	again := must(client.MessagesAPI.SendMessage(ana.ctx, ben.id).OutgoingMessage(*message).Execute())
	expect(sent.Id == again.Id, "two messages")
	reacted := must(client.MessagesAPI.AddReaction(ana.ctx, ben.id, sent.Id, "#\ufe0f\u20e3").Execute())
	expect(len(reacted.Reactions) == 1, "reactions: %v", reacted.Reactions)
	fmt.Println("sends a message once, and reacts to it")

	var page *api.Messages
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		page = must(client.MessagesAPI.ListMessages(ben.ctx, ana.id).Limit(10).Execute())
		if len(page.Items) > 0 || time.Now().After(end) {
			break
		}
	}
	expect(len(page.Items) > 0 && page.Items[0].Text == "Look!" && page.Items[0].Attachments[0].Size == 100_000, "messages: %v", page.Items)
	chats := must(client.ChatsAPI.ListChats(ben.ctx).Execute())
	kind, ids := chats.Items[0].Kind, map[bool]bool{}
	for _, chat := range chats.Items {
		ids[chat.Id == "grp_01KAT5M8E1T3P5Y7W9D2C4V6BN"] = true
	}
	expect(isGrown == (kind != string(api.DIRECT)) && ids[true] == isGrown, "kind: %s", kind)
	fmt.Println("lists the messages that arrived")

	changes := must(client.RealtimeAPI.ListChanges(ben.ctx).Execute())
	expect(len(changes.Messages) > 0 && !changes.HasMore, "changes: %v", changes)
	next := must(client.RealtimeAPI.ListChanges(ben.ctx).Cursor(changes.Cursor).Execute())
	expect(!next.Reset, "a full copy again")
	fmt.Println("follows the changes")

	_, _, err := client.MessagesAPI.GetMessage(ana.ctx, ben.id, "msg_00000000000000000000000000").Execute()
	problem, isProblem := err.(*api.GenericOpenAPIError).Model().(api.Problem)
	expect(isProblem && problem.Code == os.Getenv("CODE") && problem.Status == 404, "problem: %v", err)
	fmt.Println("reads the code of a problem")
}
