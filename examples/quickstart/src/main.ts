console.log("quickstart: nothing to show yet");
