// Go's net/http. Started like the clients of rounds.mjs.
package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

const document = `{"title":"Plan","text":"next"}`

// late yields its content after a pause.
type late struct {
	content *bytes.Reader
	pause   time.Duration
}

func (l *late) Read(into []byte) (int, error) {
	time.Sleep(l.pause)
	l.pause = 0
	return l.content.Read(into)
}

func put(client *http.Client, url, field, value string, content []byte, pause time.Duration) string {
	body := &late{bytes.NewReader(content), pause}
	request, err := http.NewRequest("PUT", url, body)
	if err != nil {
		return err.Error()
	}
	request.ContentLength = int64(len(content))
	request.Header.Set(field, value)
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		var operation *net.OpError
		if errors.As(err, &operation) {
			return operation.Op + ": " + operation.Err.Error()
		}
		return err.Error()
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	return strconv.Itoa(answer.StatusCode)
}

func main() {
	base := os.Args[2]
	size, _ := strconv.Atoi(os.Args[3])
	count, _ := strconv.Atoi(os.Args[4])
	milliseconds, _ := strconv.Atoi(os.Args[5])
	client := &http.Client{Timeout: 20 * time.Second}
	content := bytes.Repeat([]byte("x"), size)
	outcomes := map[string]int{}
	for round := 0; round < count; round++ {
		pause := time.Duration(milliseconds) * time.Millisecond
		refused := put(client, base+"/documents/plan", "If-Match", `"0"`, content, pause)
		id := make([]byte, 16)
		rand.Read(id)
		made := put(client, fmt.Sprintf("%s/documents/%x", base, id), "If-None-Match", "*", []byte(document), 0)
		outcomes[refused+" "+made]++
	}
	for outcome, number := range outcomes {
		fmt.Printf("%d\t%s\n", number, outcome)
	}
}
